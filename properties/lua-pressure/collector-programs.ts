/**
 * Lua programs about garbage, by a small grammar: objects with and without finalizers, links between them, weak tables of
 * all three modes, and `collectgarbage` in all of its modes. `collector-model.ts` says what each must print.
 */
import fc from 'fast-check';

/** Roots of a program: variables `vars[0]` to `vars[3]`. */
export const ROOTS = 4;

/** `plain`: no finalizer. `logged`: it says its number. `revived`: it says so and puts itself into a root again. */
export type ObjectKind = 'plain' | 'logged' | 'revived';

/** `k`: ephemerons, `v`: weak values, `kv`: both weak. */
export type WeakMode = 'k' | 'v' | 'kv';

export type CollectorStep =
  | { readonly kind: 'make'; readonly root: number; readonly object: ObjectKind }
  | { readonly kind: 'link'; readonly root: number; readonly to: number }
  | { readonly kind: 'copy'; readonly root: number; readonly to: number }
  | { readonly kind: 'drop'; readonly root: number }
  | { readonly kind: 'weak'; readonly mode: WeakMode; readonly root: number; readonly to: number }
  | { readonly kind: 'collect'; readonly how: string }
  | { readonly kind: 'tune'; readonly option: 'setpause' | 'setstepmul'; readonly percent: number }
  | { readonly kind: 'restart' };

const root = fc.nat(ROOTS - 1);

/** Ways to a full cycle, from the pause between two cycles. */
const HOW = [
  'collectgarbage()',
  'collectgarbage("collect")',
  'repeat until collectgarbage("step", 0)',
  'repeat until collectgarbage("step", 1)',
  'repeat until collectgarbage("step", 1000)',
] as const;

const make = fc.record({
  kind: fc.constant('make' as const),
  root,
  object: fc.constantFrom<ObjectKind>('plain', 'logged', 'logged', 'revived'),
});

const step: fc.Arbitrary<CollectorStep> = fc.oneof(
  { weight: 6, arbitrary: make },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('link' as const), root, to: root }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('copy' as const), root, to: root }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('drop' as const), root }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('weak' as const),
      mode: fc.constantFrom<WeakMode>('k', 'v', 'kv'),
      root,
      to: root,
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('collect' as const), how: fc.constantFrom(...HOW) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('tune' as const),
      option: fc.constantFrom('setpause' as const, 'setstepmul' as const),
      // Below 40 the step multiplier is taken as 40.
      percent: fc.integer({ min: 40, max: 1000 }),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'restart' as const }) },
);

export const collectorSteps: fc.Arbitrary<CollectorStep[]> = fc.array(step, { maxLength: 50, size: 'max' });

/**
 * The collector is stopped between the steps, so that it runs when it is told to and never else. The first collection
 * ends whatever cycle was under way.
 */
const PRELUDE = `
collectgarbage("stop")
collectgarbage()
local vars, made, finalized = {}, 0, {}
local weak = {}
for _, mode in ipairs { "k", "v", "kv" } do weak[mode] = setmetatable({}, { __mode = mode }) end
local kinds = {
  logged = { __gc = function(object) finalized[#finalized + 1] = object.number end },
  revived = { __gc = function(object) finalized[#finalized + 1] = object.number vars[object.root] = object end },
}
local function make(root, kind)
  made = made + 1
  local object = { number = made, root = root }
  vars[root] = kinds[kind] and setmetatable(object, kinds[kind]) or object
end
local function link(root, to) if vars[root] then vars[root].link = vars[to] end end
local function put(mode, root, to) if vars[root] and vars[to] then weak[mode][vars[root]] = vars[to] end end
local function contents(mode)
  local list = {}
  for key, value in pairs(weak[mode]) do list[#list + 1] = ("%d=%d"):format(key.number, value.number) end
  table.sort(list)
  return table.concat(list, " ")
end
local function numbers()
  local list = {}
  for root = 0, 3 do list[#list + 1] = vars[root] and vars[root].number or "-" end
  return table.concat(list, " ")
end
local function report()
  print("finalized " .. table.concat(finalized, " "))
  print("roots " .. numbers())
  print("k " .. contents("k"), "v " .. contents("v"), "kv " .. contents("kv"))
  finalized = {}
  if audit then audit() end
end
`;

/** The program that takes the steps; it prints a report after every collection. */
export function collectorProgram(steps: readonly CollectorStep[]): string {
  return [PRELUDE, ...steps.map(lineOf), 'collectgarbage() report()', ''].join('\n');
}

function lineOf(step: CollectorStep): string {
  switch (step.kind) {
    case 'make':
      return `make(${step.root}, "${step.object}")`;
    case 'link':
      return `link(${step.root}, ${step.to})`;
    case 'copy':
      return `vars[${step.root}] = vars[${step.to}]`;
    case 'drop':
      return `vars[${step.root}] = nil`;
    case 'weak':
      return `put("${step.mode}", ${step.root}, ${step.to})`;
    case 'collect':
      return `${step.how} report()`;
    case 'tune':
      return `print(collectgarbage("${step.option}", ${step.percent}))`;
    case 'restart':
      return `do
  local stopped = collectgarbage("isrunning")
  collectgarbage("restart")
  local running = collectgarbage("isrunning")
  collectgarbage("stop")
  print(stopped, running, collectgarbage("isrunning"), collectgarbage("count") > 1)
end`;
  }
}
