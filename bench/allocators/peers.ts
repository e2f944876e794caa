/** The allocators that are timed, each a fresh instance of its own module. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { ensureBuilt } from '../../wasm/build.ts';

export interface Peer {
  readonly name: string;
  readonly memory: WebAssembly.Memory;
  readonly malloc: (sizeBytes: number) => number;
  readonly free: (pointer: number) => void;
  /** What to do when malloc refuses: a bump allocator starts over, for its pool is soon full; others must not refuse. */
  readonly refused: () => void;
}

await ensureBuilt(['reclaiming', 'peer-zig-heap', 'peer-bump']);

const require = createRequire(import.meta.url);
const built = (name: string): string => join(import.meta.dirname, '../../wasm/dist', `${name}.wasm`);
/** wasi-libc's dlmalloc, as it lies in the module of an npm package that exports malloc and free. */
const dlmallocModule = (): string => join(require.resolve('@cwasm/webp/package.json'), '../webp.wasm');

/** Fresh instances of all of them, dlmalloc first: ratios are to it. */
export function freshPeers(): Peer[] {
  return [
    peer('dlmalloc', dlmallocModule()),
    peer('reclaiming', built('reclaiming')),
    peer('zig heap', built('peer-zig-heap')),
    peer('bump', built('peer-bump')),
  ];
}

function peer(name: string, path: string): Peer {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(path)), WASI);
  const functions = exports as Record<'malloc' | 'free' | 'malloc_reset', (word?: number) => number>;
  return {
    name,
    memory: exports['memory'] as WebAssembly.Memory,
    malloc: functions.malloc,
    free: functions.free,
    refused: name === 'bump' ? () => void functions.malloc_reset() : () => refuse(name),
  };
}

function refuse(name: string): never {
  throw new Error(`${name} refused a request of the bench: give its module more memory`);
}

/** webp prints nothing while it allocates. */
const WASI = { wasi_snapshot_preview1: { fd_seek: () => 0, fd_close: () => 0, fd_write: () => 0 } };
