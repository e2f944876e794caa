/** A fresh instance of a module that holds the reclaiming allocator and nothing else. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

type Counter = () => number;

/** The exports as they are: pointers and counters come back signed. */
export interface ReclaimingExports {
  readonly memory: WebAssembly.Memory;
  readonly __heap_base: WebAssembly.Global;
  malloc(sizeBytes: number): number;
  calloc(count: number, eachBytes: number): number;
  realloc(pointer: number, sizeBytes: number): number;
  free(pointer: number): void;
  aligned_alloc(alignmentBytes: number, sizeBytes: number): number;
  lua_alloc(userData: number, pointer: number, oldBytes: number, newBytes: number): number;
  malloc_usable_size(pointer: number): number;
  malloc_reset(): void;
  readonly malloc_stats: Counter;
  readonly malloc_peak: Counter;
  readonly malloc_epoch: Counter;
  readonly heap_live_bytes: Counter;
  readonly heap_live_blocks: Counter;
  readonly heap_peak_bytes: Counter;
  readonly heap_largest_free: Counter;
  readonly heap_free_bytes: Counter;
  readonly heap_growths: Counter;
  readonly heap_failed_requests: Counter;
  /** Where the module was built with checks. */
  readonly heap_check?: Counter;
}

const DIRECTORY = join(import.meta.dirname, '../dist');

/** The bytes of `wasm/dist/<name>.wasm`. */
export const builtBytes = (name: string): Uint8Array => readFileSync(join(DIRECTORY, `${name}.wasm`));

/** A fresh instance of `bytes`. */
export function reclaimingInstance(bytes: Uint8Array): ReclaimingExports {
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes as BufferSource));
  return instance.exports as unknown as ReclaimingExports;
}
