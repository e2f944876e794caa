/**
 * Lua programs by a small grammar: tables, strings, closures, coroutines, metatables, errors, loops. Every program ends,
 * and prints the same on any Lua 5.3: no address, no order of pairs, no memory count, no clock, no list with holes; and
 * no integer of more than 32 bits, which fengari has not. No text doubles in a loop, for fengari has no limit to end it.
 *
 *     program     := statement*
 *     statement   := make a value in a variable | change one | print one | loop | pcall | audit
 *     variable    := one of a few of a kind, made before: t (table), s (string), f (closure), c (coroutine)
 *
 * `audit` is a function of the host's: it compares what Lua counts with what the host summed. Elsewhere it is nil.
 */
import fc from 'fast-check';

/** Variables of each kind. */
const OF_A_KIND = 3;

const variable = (kind: string): fc.Arbitrary<string> => fc.nat(OF_A_KIND - 1).map((index) => `${kind}${index}`);

const table = variable('t');
const text = variable('s');
const closure = variable('f');
const routine = variable('c');
const small = fc.integer({ min: -9, max: 99 });
const count = fc.integer({ min: 1, max: 40 });
const word = fc.constantFrom('a', 'be', 'sea', 'd e', 'tab\\t', 'caf\\u{e9}', '', '%d', 'lua');

/** A value of any kind that prints the same everywhere. */
const value: fc.Arbitrary<string> = fc.oneof(
  small.map(String),
  small.map((n) => `${n} / 4`),
  word.map((w) => `"${w}"`),
  text,
  fc.constantFrom('true', 'false', 'nil', '2^20', '1 // 0.5', '7 % -3', '1 << 20', '-7 // 2'),
);
const truthy = value.map((v) => `(${v} or 0)`);

const line = (strings: TemplateStringsArray, ...parts: fc.Arbitrary<string | number>[]): fc.Arbitrary<string> =>
  fc.tuple(...parts).map((values) => String.raw({ raw: strings }, ...values));

const ACTIONS: readonly fc.Arbitrary<string>[] = [
  line`${table} = { ${truthy}, ${truthy}, key = ${value}, [${small} + 0.5] = ${value} }`,
  line`${table} = setmetatable({}, { __index = ${table}, __len = function() return ${small} end })`,
  line`${table} = setmetatable({ ${truthy} }, { __concat = function(a, b) return "cat" .. type(a) .. type(b) end })`,
  line`for i = 1, ${count} do rawset(${table}, i, i * ${small}) end`,
  line`for i = 1, ${count} do ${table}["k" .. i] = ${value} end`,
  line`do local t = ${table} for i = rawlen(t), ${count}, -1 do rawset(t, i, nil) end end`,
  line`${table}.inner = { ${table}.key, { ${truthy} } }`,
  line`do local t = ${table} if not getmetatable(t) then table.insert(t, 1, ${truthy}) end end`,
  line`${table} = { table.unpack({ ${truthy}, ${truthy}, ${truthy} }) }`,
  line`${text} = (${text} .. tostring(${value})):sub(-400)`,
  line`${text} = (${text} .. "${word}"):rep(3):sub(-60)`,
  line`${text} = (${text}:gsub("%w", { a = "<a>", b = "" })):sub(1, 80):upper()`,
  line`${text} = string.format("%5.2f|%q|%s", ${small}, ${text}:sub(1, 20), ${value})`,
  line`${text} = table.concat({ ${text}:byte(1, 6) }, ",")`,
  line`${text} = string.pack("<i4z", ${small}, "${word}"):sub(1, 6):reverse():gsub("[^%g]", ".")`,
  line`do local n = ${small} ${closure} = function(x) n = n + 1 return n, x, ${text} end end`,
  line`do local inner = ${closure} ${closure} = function(x) if not x then return inner end return "outer", x end end`,
  line`${closure} = load("local a = ... return a, " .. ${small}, "chunk", "t", {})`,
  line`${text} = tostring(select("#", ${closure}(${value}))) .. ${text}:sub(1, 30)`,
  line`${routine} = coroutine.create(function(a) for i = 1, ${count} do a = coroutine.yield(i, a) end return "end" end)`,
  line`${routine} = coroutine.create(function() coroutine.yield({ ${value} }) error("inside", 0) end)`,
  line`for i = 1, ${count} do coroutine.resume(${routine}, ${value}) end`,
  line`pcall(function() local deep = {} for i = 1, ${count} do deep = { deep } end error(deep) end)`,
  line`pcall(string.rep) pcall(error, { ${value} }) pcall(setmetatable, 1)`,
];

const PRINTS: readonly fc.Arbitrary<string>[] = [
  line`show(${value})`,
  line`show(${text}, #${text})`,
  line`show(rawlen(${table}), ${table}.key, ${table}[1], ${table}.k3)`,
  line`show(pcall(${closure}, ${value}))`,
  line`show(coroutine.resume(${routine}, ${value})) show(coroutine.status(${routine}))`,
  line`show(pcall(error, ${value}))`,
  line`show(pcall(function() return ${table} .. ${table} end))`,
  line`show(sum(${table}))`,
];

const AUDIT = fc.constant('if audit then audit() end');

const action = fc.oneof(...ACTIONS);
const statement = fc.oneof(
  { weight: 12, arbitrary: action },
  { weight: 8, arbitrary: fc.oneof(...PRINTS) },
  { weight: 2, arbitrary: line`for round = 1, ${count} do ${action} end` },
  { weight: 1, arbitrary: AUDIT },
);

/** Prints tables and functions by their type alone; the sum of a table does not depend on an order. */
const PRELUDE = `
local function show(...)
  local list = table.pack(...)
  for i = 1, list.n do
    local kind = type(list[i])
    if kind == "table" or kind == "function" or kind == "thread" then list[i] = kind else list[i] = tostring(list[i]) end
  end
  print(table.concat(list, "\\t"))
end
local function sum(t)
  local numbers, others = 0, 0
  for _, v in next, t do
    if math.type(v) == "integer" then numbers = numbers + v else others = others + 1 end
  end
  return numbers, others
end
local t0, t1, t2, s0, s1, s2 = {}, { 1, 2, 3 }, { key = "k" }, "", "start", "S"
local f0, f1, f2 = function(...) return ... end, function() return "one" end, error
local c0 = coroutine.create(function() return "c0" end)
local c1, c2 = c0, coroutine.create(print)
`;

/** Statements of programs; `programOf` makes a program of them, and fast-check can shorten the list. */
export const statements: fc.Arbitrary<string[]> = fc.array(statement, { maxLength: 60, size: 'max' });

/** The whole program: every statement on a line of its own, and an error of one is printed, not passed on. */
export function programOf(lines: readonly string[]): string {
  const guarded = lines.map((body, index) => `guard(${index + 1}, function() ${body} end)`);
  const guard = `local function guard(number, body)
  local ok, problem = pcall(body)
  if not ok then print(number, type(problem) == "string" and (problem:gsub("^.-:%d+: ", "")) or type(problem)) end
end`;
  return [PRELUDE, guard, ...guarded, 'if audit then audit() end', ''].join('\n');
}
