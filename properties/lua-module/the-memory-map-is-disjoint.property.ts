/**
 * the-memory-map-is-disjoint: null page, stack, data, pool, I/O buffer and free space lie one after another inside 2 MiB,
 * and neither scripts, nor the deepest C recursion, nor host allocators placed here write where they have no business.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LUA_SCRIPTS } from '../../corpus/lua-bump/scripts.ts';
import { hostAllocatorsAbove, type LuaModule } from '../../fuzz/subjects/lua-implementation.ts';
import { BUMP_MODULE_NAMES, kindOfRun, newMachine } from './machine.ts';
import { IO_BUFFER_BYTES, MEMORY_BYTES, memoryMap, POOL_BYTES, type Region } from './memory-map.ts';

/** No byte that a region's owner is likely to write over its whole length. */
const CANARY = 0xc5;

const bytesOf = (lua: LuaModule, { start, end }: Region): Uint8Array =>
  new Uint8Array(lua.exports.memory.buffer, start, end - start);

function regionOf(lua: LuaModule, name: string): Region {
  const region = memoryMap(lua).find((candidate) => candidate.name === name);
  if (region === undefined) throw new Error(`no region ${name}`);
  return region;
}

/** Fills 200 levels of C with string buffers: the greatest use of the module's stack that Lua allows. */
const DEEPEST = `
  local function overflow() return (string.gsub("a", "a", overflow)) end
  local function again(message) pcall(overflow) return message end
  xpcall(overflow, again)
  local object = setmetatable({}, { __tostring = function(self) return string.format("%s%99.99f", self, 1e300) end })
  xpcall(tostring, again, object)
  error("end", 0)`;

describe.each(BUMP_MODULE_NAMES)('the memory map of %s', (name) => {
  it('is in order, disjoint, and of the promised sizes', () => {
    const { lua } = newMachine(name);
    const map = memoryMap(lua);
    const bounds = map.flatMap(({ start, end }) => [start, end]);
    expect(bounds).toEqual([...bounds].sort((a, b) => a - b));
    expect(bounds.at(-1)).toBe(MEMORY_BYTES);
    const sizes = new Map(map.map((region) => [region.name, region.end - region.start]));
    expect([sizes.get('pool'), sizes.get('I/O buffer')]).toEqual([POOL_BYTES, IO_BUFFER_BYTES]);
    expect(() => lua.memory.grow(1)).toThrow(expect.objectContaining({ name: 'MemoryError' }));
  });

  it('is kept by every script: null page and free space stay as they are', () => {
    const { lua } = newMachine(name);
    const untouched = ['null page', 'free'].map((region) => bytesOf(lua, regionOf(lua, region)).fill(CANARY));
    for (const { text } of LUA_SCRIPTS) {
      kindOfRun(lua, text);
      lua.reset();
    }
    expect(kindOfRun(lua, DEEPEST)).toBe('runtime');
    for (const bytes of untouched) expect(bytes.every((byte) => byte === CANARY)).toBe(true);
  });

  it('is kept by the host: its allocators hand out free space only, and Lua goes on', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 70_000 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(sizes, fc.boolean(), (requests, onStack) => {
        const { lua, printed } = newMachine(name);
        const { stack, heap, memory } = hostAllocatorsAbove(lua.exports);
        lua.run('kept = string.rep("kept", 1000)');
        const before = lua.memory.readBytes(0, regionOf(lua, 'free').start);
        for (const size of requests) fillUnlessRefused(() => (onStack ? stack : heap).alloc(size), size, memory);
        expect(Buffer.compare(lua.memory.readBytes(0, before.length), before)).toBe(0);
        lua.run('print(kept == string.rep("kept", 1000))');
        expect(printed()).toBe('true\n');
      }),
      { numRuns: 20 },
    );
  });

  it('makes the default host layout a refusal: it would lie on the stack', () => {
    const { lua } = newMachine(name);
    expect(lua.memory.moduleEnd).toBe(regionOf(lua, 'free').start);
  });
});

function fillUnlessRefused(
  allocate: () => number,
  size: number,
  memory: { writeBytes(pointer: number, bytes: Uint8Array): void },
): void {
  try {
    memory.writeBytes(allocate(), new Uint8Array(size).fill(CANARY));
  } catch (error) {
    if (!(error instanceof Error && error.name === 'MemoryError')) throw error;
  }
}
