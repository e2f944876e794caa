/** What the allocators are made to do: traces of malloc and free alone, since not every peer has more. */
import { Random } from '../../fuzz/trace/random.ts';

/** Operation i frees slot `slots[i]` when `sizes[i]` is 0, and else puts a block of that size there. All slots are empty at the end. */
export interface Workload {
  readonly name: string;
  readonly slots: Int32Array;
  readonly sizes: Int32Array;
  readonly slotCount: number;
}

type SizeOf = (random: Random) => number;

/** Sizes of a Lua program: strings, closures, table nodes, and now and then a larger array or string. */
const LUA_SIZES = [16, 24, 32, 40, 56, 64, 80, 120];

const small: SizeOf = (random) => random.between(1, 256);
const mixed: SizeOf = (random) => (random.below(32) === 0 ? random.between(1, 16_384) : small(random));
const large: SizeOf = (random) => random.between(1, 100_000);
const likeLua: SizeOf = (random) =>
  (LUA_SIZES[random.below(8)] ?? 0) + (random.below(16) === 0 ? random.between(0, 600) : 0);

/** Each with about as many live blocks as its name says, in a cache of the first or second level. */
export function workloads(): Workload[] {
  return [
    churn('512 live, up to 256 bytes', 512, 65_536, small, 1),
    churn('512 live, up to 256 bytes and some to 16 KiB', 512, 65_536, mixed, 2),
    churn('4,096 live, sizes of Lua', 4096, 65_536, likeLua, 3),
    churn('256 live, up to 100,000 bytes', 256, 16_384, large, 4),
  ];
}

/** Fills up to `slotCount` blocks at random, frees and fills at random, and frees what is left. */
function churn(name: string, slotCount: number, operations: number, sizeOf: SizeOf, seed: number): Workload {
  const random = new Random(seed);
  const [slots, sizes] = [new Int32Array(operations), new Int32Array(operations)];
  const [full, empty]: [number[], number[]] = [[], Array.from({ length: slotCount }, (_, slot) => slot)];
  for (let at = 0; at < operations; at += 1) {
    const mustDrain = full.length >= operations - at;
    const fills = !mustDrain && (full.length === 0 || (empty.length > 0 && random.below(16) < 9));
    const slot = fills ? takeAny(empty, random) : takeAny(full, random);
    (fills ? full : empty).push(slot);
    slots[at] = slot;
    sizes[at] = fills ? sizeOf(random) : 0;
  }
  return { name, slots, sizes, slotCount };
}

function takeAny(slots: number[], random: Random): number {
  const index = random.below(slots.length);
  const taken = slots[index] ?? 0;
  const last = slots.pop() ?? 0;
  if (index < slots.length) slots[index] = last;
  return taken;
}
