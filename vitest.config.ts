import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Examples import the package by its name, as its users do. */
const alias = [
  { find: /^heaplaw$/, replacement: fileURLToPath(new URL('./fuzz/library.ts', import.meta.url)) },
  { find: /^heaplaw\/memory$/, replacement: fileURLToPath(new URL('./src/index.ts', import.meta.url)) },
];

/** Files that take a second or more of a core, the longest first; the rest follow in the order of vitest. */
const SLOWEST = [
  'properties/meta/wasm-memory-faults.test.ts',
  'properties/meta/host-allocator-faults.test.ts',
  'fuzz/main.test.ts',
  'properties/real-modules/real-modules.test.ts',
  'fuzz/engine/campaign.test.ts',
  'properties/meta/subject-faults.test.ts',
  'fuzz/subjects/wasm-module.test.ts',
  'fuzz/subjects/pretended-memory.test.ts',
  'fuzz/subjects/abi/abi.test.ts',
  'fuzz/command/run.test.ts',
  'properties/subjects/laws-hold-on-every-subject.property.ts',
  'wasm/allocators/reclaiming.test.ts',
  'properties/lua-pressure/starved-traces-keep-every-law.property.ts',
  'fuzz/engine/thread-crew.test.ts',
  'fuzz/wasm/virtual-memory.test.ts',
];

/** Whoever begins a long file last is waited for by all: long ones go first, on every machine and without a cache. */
class SlowestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const slow = SLOWEST.flatMap((name) => sorted.filter(({ moduleId }) => moduleId.endsWith(`/${name}`)));
    return [...slow, ...sorted.filter((file) => !slow.includes(file))];
  }
}

/** The tests of the suite itself. They import the files of laws, which would have no test left in the same process. */
const META = ['properties/meta/**/*.test.ts'];

export default defineConfig({
  resolve: { alias },
  test: {
    globalSetup: ['properties/announce.ts', 'wasm/build.ts'],
    setupFiles: ['properties/setup.ts'],
    // Some tests wait for processes and threads of their own, and others use the core meanwhile.
    maxWorkers: Math.ceil(1.5 * availableParallelism()),
    // Tests make tens of thousands of memories; without the guard regions of a trap handler each is made a fifth faster.
    execArgv: ['--disable-wasm-trap-handler'],
    // No file keeps state that another sees, and a process that goes on has its modules loaded and its code compiled.
    isolate: false,
    projects: [
      {
        extends: true,
        test: {
          name: 'suite',
          include: ['{src,fuzz,wasm,properties,corpus,examples}/**/*.{test,property}.ts'],
          exclude: META,
        },
      },
      { extends: true, test: { name: 'meta', include: META } },
    ],
    sequence: { sequencer: SlowestFirst },
    // Ends what waits for ever. The longest test takes seconds on two free cores, a minute where sixteen programs share them.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    coverage: {
      provider: 'v8',
      reportOnFailure: true,
      include: ['src/**/*.ts', 'fuzz/**/*.ts'],
      // Entrances run in processes and threads of their own, where nothing is counted; tests start them all the same.
      exclude: ['**/*.test.ts', 'fuzz/main.ts', 'fuzz/worker.ts', 'fuzz/engine/hanging-worker.ts'],
      reporter: ['text-summary', 'html', 'json-summary'],
      thresholds: {
        'src/**/*.ts': { lines: 100, branches: 100, functions: 100, statements: 100 },
        'fuzz/**/*.ts': { lines: 95, branches: 95, functions: 95, statements: 95 },
      },
    },
  },
});
