/** The modules that the examples fuzz, built as a user's own build would. */
import { join } from 'node:path';
import type { Artifact } from './artifact.ts';

const OWN_ALLOCATOR = join(import.meta.dirname, '../examples/own-module/allocator.zig');
const TARGET = ['-target', 'wasm32-freestanding', '-O', 'ReleaseSmall', '-fstrip', '-fno-entry', '-rdynamic'];
const MEMORY = ['--stack', '16384', '--initial-memory=131072', '--max-memory=4194304'];

export const EXAMPLE_MODULES: readonly Artifact[] = [
  {
    name: 'example-own-module',
    output: join(import.meta.dirname, 'dist/examples/own-module.wasm'),
    inputs: [OWN_ALLOCATOR],
    command: (output) => ['build-exe', ...TARGET, ...MEMORY, OWN_ALLOCATOR, `-femit-bin=${output}`],
  },
];
