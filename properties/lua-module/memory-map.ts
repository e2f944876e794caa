/** The regions of a Lua module's linear memory, as its exports tell them. */
import type { LuaModule } from '../../fuzz/subjects/lua-implementation.ts';

/** A half-open byte range. */
export interface Region {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

/** Addresses below this are no object's: a null pointer and a small distance from one. Also the stack's last reserve. */
export const NULL_PAGE_BYTES = 1024;
export const MEMORY_BYTES = 2 * 1024 * 1024;
export const POOL_BYTES = 512 * 1024;
export const IO_BUFFER_BYTES = 64 * 1024;

/** Pool and I/O buffer lie in the module's data; what is left of it are the pieces between them. */
export function memoryMap({ exports }: LuaModule): readonly Region[] {
  const pool = placed('pool', numberOf(exports, 'malloc_pool_base'), numberOf(exports, 'malloc_pool_size'));
  const io = placed('I/O buffer', exports.io_buffer_base(), exports.io_buffer_length());
  const [first, second] = pool.start < io.start ? [pool, io] : [io, pool];
  return [
    { name: 'null page', start: 0, end: NULL_PAGE_BYTES },
    { name: 'stack', start: NULL_PAGE_BYTES, end: exports.__stack_high.value },
    { name: 'data', start: numberOf(exports, '__global_base'), end: first.start },
    first,
    { name: 'data', start: first.end, end: second.start },
    second,
    { name: 'data', start: second.end, end: numberOf(exports, '__data_end') },
    { name: 'free', start: numberOf(exports, '__heap_base'), end: exports.memory.buffer.byteLength },
  ];
}

const placed = (name: string, start: number, sizeBytes: number): Region => ({
  name,
  start: start >>> 0,
  end: (start >>> 0) + sizeBytes,
});

/** An exported global's value, or what an exported function answers. */
function numberOf(exports: WebAssembly.Exports, name: string): number {
  const exported = exports[name];
  if (exported instanceof WebAssembly.Global) return Number(exported.value) >>> 0;
  if (typeof exported === 'function') return Number(exported()) >>> 0;
  throw new Error(`the module exports no ${name}`);
}
