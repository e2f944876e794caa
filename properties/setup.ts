/**
 * Gives fast-check the seed, runs and path of this run, in every test file (`announce.ts` prints them once), and ends a test
 * that does not return.
 */
import fc from 'fast-check';
import { beforeEach } from 'vitest';
import { readRunSettings } from './run-settings.ts';
import { Watchdog } from './watchdog.ts';

const settings = readRunSettings(process.env);

fc.configureGlobal({
  seed: settings.seed,
  numRuns: settings.runs,
  // A replay shows the failing case itself and shrinks no further.
  ...(settings.path === undefined ? {} : { path: settings.path, endOnFailure: true }),
});

/** Far more than the longest test takes on a machine that is busy otherwise. */
const STILL_SECONDS = 120;
/** One for a process, which goes on with one test file after another. */
const KEY = Symbol.for('heaplaw.watchdog');
const known: unknown = Reflect.get(globalThis, KEY);
const watchdog = known instanceof Watchdog ? known : new Watchdog(STILL_SECONDS);
Reflect.set(globalThis, KEY, watchdog);

beforeEach(({ task }) => watchdog.watch(`${task.file.name} > ${task.name}`));
