/** A small module: one Zig allocator, nothing under it and nothing beside it. */
import { join } from 'node:path';
import { type Artifact, zigSources } from './artifact.ts';
import type { OptimizeMode } from './lua-module.ts';

export interface AllocatorModule {
  /** Kebab case; the module's name in the table and its file's name under wasm/dist. */
  readonly name: string;
  /** The Zig source, absolute, or made by the build. Its `export fn`s (or `@export`s) are the module's exports. */
  readonly root: string | Artifact;
  readonly mode?: OptimizeMode;
  /** Linear memory in bytes at the start and at most, multiples of 65536. Absent: what the linker needs, may grow. */
  readonly memoryBytes?: { readonly initial: number; readonly maximum: number };
  /** Built only when named. */
  readonly onDemand?: boolean;
}

/** The stack of an allocator is small. Zig puts it first in memory, so that an overflow traps. */
const STACK_BYTES = 16 * 1024;

const memoryFlags = (memory: AllocatorModule['memoryBytes']): readonly string[] =>
  memory === undefined ? [] : [`--initial-memory=${memory.initial}`, `--max-memory=${memory.maximum}`];

export function allocatorModule(options: AllocatorModule): Artifact {
  const { name, root, mode = 'ReleaseSmall', memoryBytes, onDemand = false } = options;
  const target = ['-target', 'wasm32-freestanding', '-mcpu=generic+bulk_memory', '-O', mode, '-fstrip'];
  const link = ['-fno-entry', '-rdynamic', '--export=__heap_base', '-fno-compiler-rt', '--stack', `${STACK_BYTES}`];
  const flags = ['build-exe', ...target, ...link, ...memoryFlags(memoryBytes)];
  const isMade = typeof root !== 'string';
  return {
    name,
    output: join(import.meta.dirname, `dist/${name}.wasm`),
    inputs: isMade ? [] : zigSources(root),
    needs: isMade ? [root] : [],
    command: (output, [made = '']) => [...flags, `-femit-bin=${output}`, isMade ? made : root],
    onDemand,
  };
}
