/** How a run of the properties is varied from outside: FC_SEED, FC_NUM_RUNS and FC_PATH. */

/** The random seed of a run that names none, so that CI gives the same answer twice. */
export const DEFAULT_SEED = 42;

/** The runs fast-check makes by default. A claim asks for its own number on this scale. */
export const DEFAULT_RUNS = 100;

export interface RunSettings {
  readonly seed: number;
  /** Runs of a claim of ordinary cost. Claims that ask for more or fewer are scaled by the same factor. */
  readonly runs: number;
  /** Where a failing run lies below the seed, as a failure prints it. */
  readonly path: string | undefined;
}

/** The part of `process.env` that is read. */
export interface RunEnvironment {
  readonly FC_SEED?: string | undefined;
  readonly FC_NUM_RUNS?: string | undefined;
  readonly FC_PATH?: string | undefined;
}

/**
 * The settings that `environment` asks for.
 *
 * @throws Error with one line when a value is not what it should be.
 */
export function readRunSettings(environment: RunEnvironment): RunSettings {
  return {
    seed: readInteger('FC_SEED', environment.FC_SEED, -(2 ** 31), 2 ** 31 - 1, DEFAULT_SEED),
    runs: readInteger('FC_NUM_RUNS', environment.FC_NUM_RUNS, 1, 10_000_000, DEFAULT_RUNS),
    path: readPath(environment.FC_PATH),
  };
}

/** One line for the head of a run. */
export function describeRunSettings(settings: RunSettings): string {
  const path = settings.path === undefined ? '' : ` FC_PATH=${settings.path}`;
  return `properties: FC_SEED=${settings.seed} FC_NUM_RUNS=${settings.runs}${path} (set these to vary or to replay)`;
}

function readInteger(name: string, text: string | undefined, least: number, most: number, otherwise: number): number {
  if (text === undefined || text === '') return otherwise;
  const value = /^-?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new Error(`${name}=${text} is not a whole number from ${least} to ${most}; unset it for ${otherwise}.`);
}

function readPath(text: string | undefined): string | undefined {
  if (text === undefined || text === '') return undefined;
  if (/^\d+(:\d+)*$/.test(text)) return text;
  throw new Error(`FC_PATH=${text} is not a path such as 3:1:0; copy it from the replay line of a failure.`);
}
