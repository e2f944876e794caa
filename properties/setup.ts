/** Gives fast-check the seed, runs and path of this run, in every test file. `announce.ts` prints them once. */
import fc from 'fast-check';
import { readRunSettings } from './run-settings.ts';

const settings = readRunSettings(process.env);

fc.configureGlobal({
  seed: settings.seed,
  numRuns: settings.runs,
  // A replay shows the failing case itself and shrinks no further.
  ...(settings.path === undefined ? {} : { path: settings.path, endOnFailure: true }),
});
