import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** Examples import the package by its name, as its users do. */
const alias = [
  { find: /^heaplaw$/, replacement: fileURLToPath(new URL('./fuzz/library.ts', import.meta.url)) },
  { find: /^heaplaw\/memory$/, replacement: fileURLToPath(new URL('./src/index.ts', import.meta.url)) },
];

export default defineConfig({
  resolve: { alias },
  test: {
    include: ['{src,fuzz,wasm,properties,corpus,examples}/**/*.{test,property}.ts'],
    globalSetup: ['properties/announce.ts', 'wasm/build.ts'],
    setupFiles: ['properties/setup.ts'],
    // vitest leaves a core to the terminal by default, which on two cores is half of them.
    maxWorkers: '100%',
    testTimeout: 60_000,
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
