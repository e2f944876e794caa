/** A Lua 5.3 virtual machine in WebAssembly whose memory comes from an allocator of this project. */
import { kindOfStatus, LuaError } from './lua-error.ts';
import { type LuaExports, type LuaImports, luaExportsOf } from './lua-exports.ts';
import { LuaHeap } from './lua-heap.ts';
import { consoleSink, type LuaSink } from './lua-output.ts';
import { fromLuaInteger, fromLuaString, type LuaReference, type LuaValue } from './lua-value.ts';
import { WasmMemory } from './wasm-memory.ts';

export interface LuaModuleOptions {
  /** Takes what `print`, `io.write` and `io.stderr` write; lines on the console by default. It must not run scripts. */
  readonly write?: LuaSink;
  /** Milliseconds since 1970 for `os.time` and `os.date`; the host's clock by default. */
  readonly time?: () => number;
  /** Milliseconds for `os.clock`; the host's clock by default. */
  readonly clock?: () => number;
}

/** Bytes of the module's allocator, Lua's own and the host's blocks together. */
export interface LuaStatistics {
  readonly usedBytes: number;
  readonly peakBytes: number;
  /** Linear memory. */
  readonly memoryBytes: number;
}

/** Lua's type numbers of lua.h; LUA_TNUMINT of lobject.h for an integer. */
const TYPE = { nil: 0, boolean: 1, float: 3, string: 4, integer: 19 } as const;
const REFERENCE_TYPES: Readonly<Record<number, LuaReference['type']>> = {
  2: 'userdata',
  5: 'table',
  6: 'function',
  7: 'userdata',
  8: 'thread',
};

const STDERR = 2;
/** vm.zig keeps as much of a chunk's name. */
const NAME_BYTES_MAX = 255;

const utf8 = new TextEncoder();

/** A Lua state and its memory. One instance is one machine; make several from one `WebAssembly.Module` at little cost. */
export class LuaModule {
  /** What the module exports, for `hostAllocatorsAbove` and whoever calls it by hand. */
  readonly exports: LuaExports;
  readonly memory: WasmMemory;
  /** The allocator, shared with Lua. */
  readonly heap: LuaHeap;
  #condition: 'idle' | 'running' | 'cut short' = 'idle';

  /** Synchronous, which browsers allow for a small module only; `instantiate` works everywhere. */
  constructor(module: WebAssembly.Module, options: LuaModuleOptions = {}) {
    this.exports = luaExportsOf(new WebAssembly.Instance(module, this.#imports(options)));
    this.memory = WasmMemory.fromExports(this.exports);
    this.heap = new LuaHeap(this.exports);
  }

  /** Compiles `source` (the bytes of a module of wasm/dist/lua-*, or one compiled already) and makes a machine of it. */
  static async instantiate(
    source: WebAssembly.Module | BufferSource,
    options: LuaModuleOptions = {},
  ): Promise<LuaModule> {
    const module = source instanceof WebAssembly.Module ? source : await WebAssembly.compile(source);
    return new LuaModule(module, options);
  }

  #imports(options: LuaModuleOptions): LuaImports & WebAssembly.Imports {
    const { write = consoleSink(), time = () => Date.now(), clock = () => performance.now() } = options;
    const pass = (stream: number, pointer: number, lengthBytes: number): void =>
      write(this.memory.readBytes(pointer >>> 0, lengthBytes >>> 0), stream === STDERR ? 'stderr' : 'stdout');
    return { heaplaw: { write: pass, time, clock } };
  }

  /**
   * Runs a Lua chunk, text and not bytecode, and gives back what it returns. Globals stay from run to run. A first line
   * that begins with `#` is skipped, as `lua` does.
   *
   * @param name the chunk's name in messages, by Lua's convention: `=name` as it is, `@name` a file. 255 bytes of it count.
   * @throws LuaError with Lua's message. After kind `state` only `reset` helps.
   */
  run(script: string | Uint8Array, name = '=script'): LuaValue[] {
    const source = withoutShebang(typeof script === 'string' ? utf8.encode(script) : script);
    const status = this.#runBytes(source, utf8.encode(name).subarray(0, NAME_BYTES_MAX));
    if (status !== 0) throw this.#errorOf(status);
    return Array.from({ length: this.exports.lua_result_count() }, (_, index) => this.#result(index));
  }

  /**
   * Makes the Lua state now, which the first run would do otherwise. Throws LuaError (memory) when there is no room.
   */
  init(): void {
    this.#assertIdle();
    const status = this.#guard(() => this.exports.lua_init());
    if (status !== 0) throw this.#errorOf(status);
  }

  /** Closes the Lua state, which runs its finalizers. The host's blocks stay; the next run makes another state. */
  close(): void {
    this.#assertIdle();
    this.#guard(() => this.exports.lua_shutdown());
  }

  /** Takes back all memory, Lua's and the host's blocks: the module is as it was at first. Works after any failure, not while a script runs. */
  reset(): void {
    if (this.#condition === 'running') this.#assertIdle();
    this.#condition = 'idle';
    this.exports.__stack_pointer.value = this.exports.__stack_high.value;
    this.exports.lua_reset();
  }

  /** What the allocator counts now. */
  stats(): LuaStatistics {
    return {
      usedBytes: this.exports.malloc_stats() >>> 0,
      peakBytes: this.exports.malloc_peak() >>> 0,
      memoryBytes: this.memory.size(),
    };
  }

  /** The script goes through the I/O buffer when it fits beside its name, else through a block of the heap. */
  #runBytes(source: Uint8Array, name: Uint8Array): number {
    this.#assertIdle();
    const buffer = this.exports.io_buffer_base() >>> 0;
    this.memory.writeBytes(buffer, name);
    const fits = source.length + name.length <= this.exports.io_buffer_length();
    const block = fits ? buffer + name.length : this.#blockFor(source.length);
    this.memory.writeBytes(block, source);
    const status = this.#guard(() => this.exports.lua_run(block, source.length, buffer, name.length));
    if (!fits) this.heap.free(block);
    return status;
  }

  #blockFor(sizeBytes: number): number {
    const block = this.heap.malloc(sizeBytes);
    if (block !== 0) return block;
    throw new LuaError(
      'memory',
      `not enough memory for a script of ${sizeBytes} bytes: reset, or give Lua a shorter one`,
    );
  }

  /** A trap, a stack overflow or a throwing sink leaves Lua's state half-way: nothing but `reset` may follow. */
  #guard<T>(call: () => T): T {
    this.#condition = 'running';
    try {
      const result = call();
      this.#condition = 'idle';
      return result;
    } catch (cause) {
      this.#condition = 'cut short';
      throw new LuaError('state', `the run was cut short (${String(cause)}): call reset()`, { cause });
    }
  }

  #assertIdle(): void {
    if (this.#condition === 'running') throw new LuaError('state', 'a script is running: call after it has ended');
    if (this.#condition === 'cut short') throw new LuaError('state', 'the last run was cut short: call reset()');
  }

  #errorOf(status: number): LuaError {
    if (this.exports.lua_result_count() === 0) return new LuaError('memory', NO_STATE);
    const message = textOf(this.#result(0));
    const traceback = this.#result(1);
    const luaTraceback = traceback === null ? undefined : textOf(traceback);
    return new LuaError(kindOfStatus(status, message), message, { luaTraceback });
  }

  #result(index: number): LuaValue {
    const type = this.exports.lua_result_type(index);
    const reference = REFERENCE_TYPES[type];
    if (reference !== undefined) return { type: reference, address: this.exports.lua_result_address(index) >>> 0 };
    if (type === TYPE.integer) return fromLuaInteger(this.exports.lua_result_integer(index));
    if (type === TYPE.float) return this.exports.lua_result_number(index);
    if (type === TYPE.string) return fromLuaString(this.#stringResult(index));
    return type === TYPE.boolean ? this.exports.lua_result_boolean(index) !== 0 : null;
  }

  #stringResult(index: number): Uint8Array {
    const bytes = new Uint8Array(this.exports.lua_result_length(index) >>> 0);
    const buffer = this.exports.io_buffer_base() >>> 0;
    for (let offset = 0; offset < bytes.length; ) {
      const piece = this.memory.readBytes(buffer, this.exports.lua_result_read(index, offset));
      bytes.set(piece, offset);
      offset += piece.length;
    }
    return bytes;
  }
}

/** When there is not even a state to hold a message. */
const NO_STATE = 'not enough memory for the Lua state: call reset()';

const textOf = (value: LuaValue): string =>
  value instanceof Uint8Array ? new TextDecoder().decode(value) : String(value);

const HASH = '#'.charCodeAt(0);
const NEWLINE = '\n'.charCodeAt(0);

/** Blanks the first line of a script for a Unix shell, and keeps its end, so that line numbers stay right. */
function withoutShebang(source: Uint8Array): Uint8Array {
  if (source[0] !== HASH) return source;
  const end = source.indexOf(NEWLINE);
  return end < 0 ? new Uint8Array() : source.subarray(end);
}
