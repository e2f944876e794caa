/** `--against`: the same traces on two allocators. A comparison is no judgement: exit code 0. */
import { compare } from '../against/compare.ts';
import type { Options } from '../options.ts';
import { comparisonText } from '../report/comparison-text.ts';
import type { SubjectDefinition } from '../subjects/subject.ts';
import { type SubjectReference, targetFor } from '../targets.ts';
import { UsageError } from '../usage-error.ts';
import { type Arguments, referenceFor } from './arguments.ts';
import { EXIT, type Surroundings } from './surroundings.ts';

const DEFAULT_SECONDS = 10;
const DEFAULT_SEED = 1;
/** Longer traces give no other figures. */
const MAXIMUM_OPERATIONS = 500;

/** Compares the one subject named with `other`. Throws UsageError. */
export function against(other: string, options: Options, { subjects }: Arguments, outside: Surroundings): number {
  const [subject] = subjects;
  if (subject === undefined || subjects.length > 1) {
    throw new UsageError(`--against ${other}: found ${subjects.length} subjects before it, expected one`);
  }
  const opponent = referenceFor(other, options.module);
  if (opponent === undefined) throw new UsageError(`--against ${other}: expected a subject's name or a .wasm file`);
  const deadlineMs = performance.now() + 1000 * (options.maxTotalTime ?? secondsWithout(options.runs));
  const comparison = compare(definitionOf(subject), definitionOf(opponent), {
    seed: options.seed ?? DEFAULT_SEED,
    runs: options.runs ?? Number.POSITIVE_INFINITY,
    maximumOperations: Math.min(options.maxOps, MAXIMUM_OPERATIONS),
    stop: () => performance.now() > deadlineMs,
  });
  outside.out(`${options.json ? JSON.stringify(comparison) : comparisonText(comparison)}\n`);
  return EXIT.clean;
}

/** A number of traces needs no clock besides. */
function secondsWithout(runs: number | undefined): number {
  return runs === undefined ? DEFAULT_SECONDS : Number.POSITIVE_INFINITY;
}

function definitionOf(reference: SubjectReference): SubjectDefinition {
  const { definition, name } = targetFor(reference);
  if (definition === undefined) throw new UsageError(`--against: ${name} is no allocator, expected two of them`);
  return definition;
}
