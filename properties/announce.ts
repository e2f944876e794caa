/** Runs once before all tests: prints how the properties are varied, and stops at a setting that is not understood. */
import { describeRunSettings, readRunSettings } from './run-settings.ts';

export default function announce(): void {
  try {
    console.log(describeRunSettings(readRunSettings(process.env)));
  } catch (error) {
    throw oneLine(error);
  }
}

/** The stack would bury the one line that says what to do. */
function oneLine(error: unknown): unknown {
  if (error instanceof Error) error.stack = `${error.name}: ${error.message}`;
  return error;
}
