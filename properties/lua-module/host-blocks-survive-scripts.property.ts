/**
 * host-blocks-survive-scripts: whatever a script does, and however it ends, the bytes of the host's live blocks stay,
 * and no new block lies on one; with Lua itself allocating in between, through both name sets.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LUA_SCRIPTS } from '../../corpus/lua-bump/scripts.ts';
import type { LuaModule } from '../../fuzz/subjects/lua-implementation.ts';
import { kindOfRun, LUA_MODULE_NAMES, newMachine } from './machine.ts';

type Step =
  | { readonly kind: 'malloc' | 'calloc' | 'aligned'; readonly size: number; readonly names: '' | 'lua_' }
  | { readonly kind: 'realloc'; readonly size: number; readonly pick: number; readonly names: '' | 'lua_' }
  | { readonly kind: 'run'; readonly pick: number };

const names = fc.constantFrom('' as const, 'lua_' as const);
const size = fc.oneof(fc.integer({ min: 1, max: 64 }), fc.integer({ min: 1, max: 20_000 }));
const pick = fc.nat(1000);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('malloc', 'calloc', 'aligned'), size, names }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('realloc'), size, pick, names }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('run'), pick }) },
) as fc.Arbitrary<Step>;

interface Block {
  readonly pointer: number;
  readonly bytes: Uint8Array;
}

/** The host's side: its live blocks, and what each must hold. */
class Host {
  readonly #lua: LuaModule;
  readonly #blocks: Block[] = [];
  #fill = 0;

  constructor(lua: LuaModule) {
    this.#lua = lua;
  }

  take(step: Step): void {
    if (step.kind === 'run') {
      kindOfRun(this.#lua, LUA_SCRIPTS[step.pick % LUA_SCRIPTS.length]?.text ?? '');
    } else if (step.kind === 'realloc') {
      this.#resize(step.pick, step.size, step.names);
    } else {
      this.#keep(this.#allocate(step.kind, step.size, step.names), step.size);
    }
    this.#judge();
  }

  #call(name: string, ...words: number[]): number {
    return Number((this.#lua.exports[name] as (...words: number[]) => number)(...words)) >>> 0;
  }

  #allocate(kind: 'malloc' | 'calloc' | 'aligned', sizeBytes: number, prefix: string): number {
    if (kind === 'aligned') return this.#call('aligned_alloc', 64, sizeBytes);
    return kind === 'calloc' ? this.#call(`${prefix}calloc`, 1, sizeBytes) : this.#call(`${prefix}malloc`, sizeBytes);
  }

  #keep(pointer: number, sizeBytes: number): void {
    if (pointer === 0) return;
    this.#fill = (this.#fill + 1) % 255;
    const bytes = new Uint8Array(sizeBytes).fill(this.#fill);
    this.#lua.memory.writeBytes(pointer, bytes);
    this.#blocks.push({ pointer, bytes });
  }

  #resize(which: number, sizeBytes: number, prefix: string): void {
    const block = this.#blocks[which % this.#blocks.length];
    if (block === undefined) return;
    const pointer = this.#call(`${prefix}realloc`, block.pointer, sizeBytes);
    if (pointer === 0) return;
    const kept = block.bytes.subarray(0, sizeBytes);
    expect(Buffer.compare(this.#lua.memory.readBytes(pointer, kept.length), kept), 'bytes kept by realloc').toBe(0);
    this.#blocks.splice(this.#blocks.indexOf(block), 1);
    this.#keep(pointer, sizeBytes);
  }

  #judge(): void {
    for (const { pointer, bytes } of this.#blocks) {
      const now = this.#lua.memory.readBytes(pointer, bytes.length);
      if (Buffer.compare(now, bytes) !== 0) expect(now, `the block at ${pointer}`).toEqual(bytes);
    }
  }
}

describe.each(LUA_MODULE_NAMES)('host blocks of %s', (module) => {
  it('survive scripts, and scripts survive them', () => {
    const check = (steps: readonly Step[]): void => {
      const host = new Host(newMachine(module).lua);
      for (const taken of steps) host.take(taken);
    };
    fc.assert(fc.property(fc.array(step, { maxLength: 25, size: 'max' }), check), { numRuns: 25 });
  });
});
