/**
 * What StrykerJS runs against each mutant of `src/`: the unit tests and the laws of the memory interface, stopping at the
 * first that fails.
 */
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Most mutants fall to the first cases of a law; a survivor is worth a look by hand with more. */
process.env.FC_NUM_RUNS ??= '10';

/** Unit tests first: they take milliseconds, and most mutants go no further. */
class UnitTestsFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return [...sorted.filter(isUnitTest), ...sorted.filter((file) => !isUnitTest(file))];
  }
}

function isUnitTest({ moduleId }: TestSpecification): boolean {
  return moduleId.endsWith('.test.ts');
}

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'properties/{wasm-memory,host-bump,host-stack,host-allocators}/**/*.property.ts'],
    exclude: ['src/lua-*.test.ts'],
    globalSetup: ['properties/announce.ts'],
    setupFiles: ['properties/setup.ts'],
    sequence: { sequencer: UnitTestsFirst },
    testTimeout: 60_000,
  },
});
