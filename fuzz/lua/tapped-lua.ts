/**
 * A Lua machine whose allocations and memory growth the host can see and decide.
 *
 * Lua calls its allocator through the module's function table. The rewriter exports that table, and the entry that
 * holds lua_alloc is replaced by a function of the host's. Neither Lua nor the allocator has another instruction for
 * it, and the module on disk stays as it is.
 */
import { LuaModule, type LuaModuleOptions } from '../subjects/lua-implementation.ts';
import { assemble } from '../wasm/assemble.ts';
import { instrument } from '../wasm/instrument.ts';
import { parseModule } from '../wasm/module.ts';
import { PRIVATE } from '../wasm/private-names.ts';

/** lua_Alloc of the Lua manual without its first argument. With pointer 0 `oldBytes` is a type tag, not a size. */
export type LuaAlloc = (pointer: number, oldBytes: number, newBytes: number) => number;

/** Answers for lua_alloc. `next` is the module's own. Pointers and sizes are unsigned. */
export type AllocationTap = (pointer: number, oldBytes: number, newBytes: number, next: LuaAlloc) => number;

/** A Lua module made ready to be tapped. */
export interface TappableModule {
  readonly compiled: WebAssembly.Module;
  /** The most pages its memory may have. */
  readonly maximumPages: number;
}

/** Prepares the bytes of a module of wasm/dist/lua-*. Takes some 50 ms; the machines made of it take little. */
export function tappable(bytes: Uint8Array): TappableModule {
  const module = parseModule(bytes);
  const limits = module.memories[0];
  const maximumPages = limits?.maximum ?? 65536;
  const options = { fuel: 0, growLimitPages: maximumPages, virtualLayout: undefined, coverageRoots: undefined };
  return { compiled: new WebAssembly.Module(instrument(module, options).bytes), maximumPages };
}

/** Gives a JavaScript function the WebAssembly type of lua_alloc, which an entry of the table must have. */
const SHIM = new WebAssembly.Module(
  assemble({
    imports: [{ module: 'host', name: 'lua_alloc', type: { params: ['i32', 'i32', 'i32', 'i32'], results: ['i32'] } }],
    functions: [
      {
        name: 'lua_alloc',
        params: ['i32', 'i32', 'i32', 'i32'],
        results: ['i32'],
        body: 'local.get 0 local.get 1 local.get 2 local.get 3 call 0',
      },
    ],
  }),
);

type RawAlloc = (userData: number, pointer: number, oldBytes: number, newBytes: number) => number;
type NumericGlobal = WebAssembly.Global<'i32'>;

export class TappedLua {
  readonly lua: LuaModule;
  /** Stands between Lua and lua_alloc while it is set. */
  tap: AllocationTap | undefined;
  readonly #decoder = new TextDecoder();
  readonly #next: LuaAlloc;
  #printed = '';

  /** What scripts write is kept for `takeOutput` unless `options` says otherwise; both clocks stand still at 0. */
  constructor(module: TappableModule, options: LuaModuleOptions = {}) {
    const still = { write: (bytes: Uint8Array) => this.#keep(bytes), time: () => 0, clock: () => 0 };
    this.lua = new LuaModule(module.compiled, { ...still, ...options });
    const original = this.lua.exports['lua_alloc'] as RawAlloc;
    this.#next = (pointer, oldBytes, newBytes) => original(0, pointer, oldBytes, newBytes) >>> 0;
    replaceEntries(this.lua.exports[PRIVATE.table] as WebAssembly.Table, original, this.#shim(original));
  }

  /** What was written since the last call. */
  takeOutput(): string {
    const text = this.#printed;
    this.#printed = '';
    return text;
  }

  /** How often the module asked memory to grow. */
  get growCalls(): number {
    return this.#global(PRIVATE.growCalls).value;
  }

  /** Refuses the `call`-th request to grow memory from now on, counted from 1; 0 refuses none. */
  refuseGrowth(call: number): void {
    this.#global(PRIVATE.growRefusal).value = call;
  }

  /** From now on memory grows to at most `pages`, by the module's own doing. */
  limitGrowth(pages: number): void {
    this.#global(PRIVATE.growLimit).value = pages;
  }

  /** Pages of linear memory now. */
  get pages(): number {
    return this.lua.exports.memory.buffer.byteLength / 65536;
  }

  #keep(bytes: Uint8Array): void {
    this.#printed += this.#decoder.decode(bytes, { stream: true });
  }

  #shim(original: RawAlloc): RawAlloc {
    const answer: RawAlloc = (userData, pointer, oldBytes, newBytes) =>
      this.tap === undefined
        ? original(userData, pointer, oldBytes, newBytes)
        : this.tap(pointer >>> 0, oldBytes >>> 0, newBytes >>> 0, this.#next);
    return new WebAssembly.Instance(SHIM, { host: { lua_alloc: answer } }).exports['lua_alloc'] as RawAlloc;
  }

  #global(name: string): NumericGlobal {
    return this.lua.exports[name] as NumericGlobal;
  }
}

/** Two exports or entries that are the same function are the same object. */
function replaceEntries(table: WebAssembly.Table, original: unknown, replacement: RawAlloc): void {
  let replaced = 0;
  for (let index = 0; index < table.length; index += 1) {
    if (table.get(index) !== original) continue;
    table.set(index, replacement);
    replaced += 1;
  }
  if (replaced !== 1) throw new Error(`lua_alloc stands in the function table ${replaced} times, expected once`);
}
