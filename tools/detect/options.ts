/** The command line of `npm run detect`, as data. */
import { parseArgs } from 'node:util';
import type { ProfileSource } from './cases.ts';

export interface DetectOptions {
  /** The most a fault may take, in seconds. */
  readonly seconds: number;
  /** How long a sound allocator is looked at, in seconds. */
  readonly soundSeconds: number;
  readonly only: RegExp;
  readonly source: ProfileSource;
  readonly seed: number;
  /** Every sixth case. */
  readonly short: boolean;
  readonly json: boolean;
  readonly help: boolean;
  /** Prints the trace of every finding. */
  readonly traces: boolean;
}

export const HELP = `npm run detect [-- OPTIONS]

Runs the campaign over every allocator with a fault that we can build, and over every sound one, from an empty corpus,
with a fixed seed, on one core. Exit code 1 when a fault is missed or a sound allocator raises an alarm.

  --seconds N        the most a fault may take (60)
  --sound-seconds N  how long each sound allocator is looked at (10)
  --only PATTERN     cases whose "allocator fault" matches
  --short            every sixth case, 10 s a fault, 0.3 s a sound allocator: for CI
  --pinned           profiles of the sound forms, in place of those probed from each module
  --seed N           another stream of traces (1)
  --traces           prints the trace of every finding
  --json             one JSON object a case
`;

/** Reads the words after the program's name. Throws TypeError for an option that there is not, and RangeError for a number that is none. */
export function parseDetectOptions(words: readonly string[]): DetectOptions {
  const { values } = parseArgs({
    args: [...words],
    options: {
      seconds: { type: 'string' },
      'sound-seconds': { type: 'string' },
      only: { type: 'string', default: '' },
      seed: { type: 'string', default: '1' },
      short: { type: 'boolean', default: false },
      pinned: { type: 'boolean', default: false },
      traces: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  return {
    seconds: numberOf('seconds', values.seconds ?? (values.short ? '10' : '60')),
    soundSeconds: numberOf('sound-seconds', values['sound-seconds'] ?? (values.short ? '0.3' : '10')),
    only: new RegExp(values.only),
    source: values.pinned ? 'pinned' : 'probed',
    seed: numberOf('seed', values.seed),
    short: values.short,
    json: values.json,
    help: values.help,
    traces: values.traces,
  };
}

function numberOf(name: string, text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value) && value >= 0) return value;
  throw new RangeError(`--${name} ${text}: expected a number of at least 0`);
}
