/** What StrykerJS runs against each mutant of `src/`: the unit tests and the laws of the memory interface. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'properties/{wasm-memory,host-bump,host-stack,host-allocators}/**/*.property.ts'],
    exclude: ['src/lua-*.test.ts'],
    globalSetup: ['properties/announce.ts'],
    setupFiles: ['properties/setup.ts'],
    testTimeout: 60_000,
  },
});
