/** What presses on an allocator: short-lived things of one kind each, made in rounds, a few of them alive at a time. */

export interface PressureWorkload {
  readonly name: string;
  /** Lua: the body of a round; `round` is its number, `kept` a table for what lives on. */
  readonly round: string;
  /** Rounds that the pool of 512 KiB is enough for. */
  readonly rounds: number;
}

export const WORKLOADS: readonly PressureWorkload[] = [
  {
    name: 'strings of 1 to 4000 bytes',
    round: 'kept[round % 16] = string.rep("x", 1 + round * 7919 % 4000)',
    rounds: 100,
  },
  {
    name: 'tables of 1 to 40 entries',
    round: 'local t = {} for i = 1, 1 + round * 7919 % 40 do t[i] = i end kept[round % 16] = t',
    rounds: 150,
  },
  {
    name: 'closures',
    round: 'kept[round % 16] = function() round = round + 1 return kept end',
    rounds: 1500,
  },
  {
    name: 'coroutines',
    round:
      'local c = coroutine.wrap(function(a) while true do a = coroutine.yield(a) end end) c(1) c(2) kept[round % 16] = c',
    rounds: 100,
  },
];

/** A chunk that runs the workload's rounds and returns how many it ran. */
export const chunkOf = ({ round, rounds }: PressureWorkload): string =>
  `local kept = {} for round = 1, ${rounds} do ${round} end return ${rounds}`;

/** A chunk that makes strings until it has made `megabytes` of them, or there is no memory; returns the bytes made. */
export const churnOf = (megabytes: number): string => `
  local made, round, kept = 0, 0, {}
  local ok = pcall(function()
    while made < ${megabytes} * 1048576 do
      round = round + 1
      local size = 1 + round * 7919 % 40000
      kept[round % 16] = { string.rep("x", size), round, function() return kept end }
      made = made + size
    end
  end)
  kept = nil
  return made`;
