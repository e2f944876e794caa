/**
 * Imports whose meaning is known by name. What a sound allocator relies on must be honest (growing the heap, copying
 * bytes); what never returns must not return; everything else may answer 0.
 * Source: Emscripten's library_*.js, wasm-bindgen's and AssemblyScript's loaders, the WebAssembly tool conventions.
 */
import { type Host, ModuleAborted } from './host.ts';
import { wasiFunction } from './wasi.ts';

export type ImportedFunction = (...values: (number | bigint)[]) => number | bigint | undefined;

const PAGE_BYTES = 65536;
const NOSYS = 52;

const NEVER_RETURNS =
  /^_{0,2}(abort|abort_js|exit|emscripten_throw_longjmp|assert_fail|cxa_throw|cxa_rethrow|wbindgen_throw|wbindgen_rethrow|throw_exception_with_stack_trace)$|^emscripten_force_exit$/;

const COPIES = /^_{0,2}(emscripten_memcpy_big|emscripten_memcpy_js|emscripten_memcpy_bulkmem)$/;

const TELLS_TIME = /^_?(emscripten_date_now|emscripten_get_now|performance_now|now)$|^Date\.now$/;

/** The function known as `module`.`name`; undefined when its meaning is not known. */
export function knownImport(module: string, name: string, host: Host): ImportedFunction | undefined {
  if (/^wasi_(unstable|snapshot_preview1)$/.test(module)) return wasiFunction(name, host);
  if (NEVER_RETURNS.test(name)) return neverReturns(name);
  if (COPIES.test(name)) return (target, source, size) => copyBytes(host, Number(target), Number(source), Number(size));
  if (TELLS_TIME.test(name)) return () => host.nowMilliseconds();
  if (/^_?emscripten_resize_heap$/.test(name)) return (size) => resizeHeap(host, Number(size));
  if (/^_?emscripten_get_heap_max$/.test(name)) return () => heapMaximum(host);
  if (name.startsWith('__syscall')) return () => -NOSYS;
  if (name.startsWith('invoke_')) return (index, ...values) => invoke(host, Number(index), values);
  return isHarmless(name) ? () => 0 : undefined;
}

/** Notifications, and those whose answer 0 is true. */
function isHarmless(name: string): boolean {
  return /^_{0,2}(emscripten_notify_memory_growth|emscripten_runtime_keepalive_\w+|tzset_js|setitimer_js|seed)$|^emscripten_memory_growth/.test(
    name,
  );
}

function neverReturns(name: string): ImportedFunction {
  return (...values) => {
    throw new ModuleAborted(`the module called ${name}(${values.join(', ')})`);
  };
}

function copyBytes(host: Host, target: number, source: number, sizeBytes: number): number {
  const to = host.bytes(target, sizeBytes);
  const from = host.bytes(source, sizeBytes);
  if (to === undefined || from === undefined) throw new ModuleAborted(`copy of ${sizeBytes} bytes outside of memory`);
  to.set(from);
  return target;
}

/** Emscripten's contract: make the heap at least `sizeBytes` long, say 1; say 0 when it cannot. */
function resizeHeap(host: Host, sizeBytes: number): number {
  const length = host.memoryBytes();
  const pages = Math.ceil(((sizeBytes >>> 0) - length) / PAGE_BYTES);
  return pages <= 0 || host.access.grow(pages) ? 1 : 0;
}

function heapMaximum(host: Host): number {
  return host.memoryBytes() | 0;
}

/** Emscripten's setjmp and exception wrappers call a function of the table. */
function invoke(host: Host, index: number, values: (number | bigint)[]): number | bigint | undefined {
  const target: unknown = host.access.table()?.get(index);
  if (typeof target !== 'function') throw new ModuleAborted(`call of table entry ${index}, which holds no function`);
  return target(...values);
}

/** Emscripten asks JavaScript to copy from this many bytes on. */
const MINIFIED_COPY_BYTES = 512;
/** Below are the null page and static data of every Emscripten module: no file descriptor or flag is this large. */
const LOWEST_ADDRESS = 1024;

/**
 * An import whose name was minified (`a.b`). Two of them matter to an allocator and are known by what they are given:
 * three words that can only be a copy, and one that can only be a heap size. Any other call answers 0.
 */
export function minifiedImport(name: string, paramCount: number, host: Host): ImportedFunction {
  return (...values) => {
    const [first = 0, second = 0, third = 0] = values.map(Number);
    if (paramCount === 3 && isCopy(host, first >>> 0, second >>> 0, third >>> 0)) {
      return copyBytes(host, first, second, third);
    }
    if (paramCount === 1 && first >>> 0 > host.memoryBytes()) return resizeHeap(host, first);
    host.access.unknownCall(name);
    return 0;
  };
}

function isCopy(host: Host, target: number, source: number, sizeBytes: number): boolean {
  const length = host.memoryBytes();
  const isInside = Math.max(target, source) + sizeBytes <= length && Math.min(target, source) >= LOWEST_ADDRESS;
  return sizeBytes >= MINIFIED_COPY_BYTES && isInside && Math.abs(target - source) >= sizeBytes;
}
