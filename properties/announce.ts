/** Runs once before all tests: prints how the properties are varied, and stops at a setting that is not understood. */
import { describeRunSettings, readRunSettings } from './run-settings.ts';

/** Set once it was said: vitest calls this for every project of its configuration. */
const SAID = 'HEAPLAW_SETTINGS_SAID';

export default function announce(): void {
  try {
    const settings = describeRunSettings(readRunSettings(process.env));
    if (process.env[SAID] !== settings) console.log(settings);
    process.env[SAID] = settings;
  } catch (error) {
    throw oneLine(error);
  }
}

/** The stack would bury the one line that says what to do. */
function oneLine(error: unknown): unknown {
  if (error instanceof Error) error.stack = `${error.name}: ${error.message}`;
  return error;
}
