/** What a broken claim prints: enough, pasted alone into an issue, for somebody else to see it happen. */
import fc from 'fast-check';
import { show } from './show.ts';

/** The four lines of a broken claim. `but` is for a reason that the answer alone does not show. */
export interface Breach {
  /** The call, as one would write it, and the state it met. */
  readonly request: string;
  readonly answer: string;
  readonly allowed: string;
  readonly but?: string;
}

/** Thrown by a predicate whose claim does not hold. */
export class BrokenClaim extends Error {
  readonly breach: Breach;

  constructor(breach: Breach) {
    super(`${breach.request} answered ${breach.answer}; allowed: ${breach.allowed}`);
    this.name = 'BrokenClaim';
    this.breach = breach;
  }
}

/** Says that the claim under way does not hold. */
export function broken(breach: Breach): never {
  throw new BrokenClaim(breach);
}

/** The answer of `call`, which the contract says answers: an error that it throws breaks the claim. `allowed` may say why. */
export function answerTo<Answer>(request: string, call: () => Answer, allowed = 'an answer'): Answer {
  try {
    return call();
  } catch (error) {
    return broken({ request, answer: `threw, ${show(error)}`, allowed });
  }
}

/** Where a claim stands, for the line that replays it. */
export interface ClaimPlace {
  /** The law and the claim, as vitest joins them. */
  readonly fullTitle: string;
  /** Path of the test file from the package's root. */
  readonly file: string;
}

/** How a claim was refuted: the smallest case that fast-check came down to, and where it lies. */
export interface Refutation {
  /** What the predicate threw: a BrokenClaim, or what escaped from the code under test. */
  readonly error: unknown;
  readonly counterexample: unknown;
  readonly seed: number;
  readonly path: string;
  readonly runs: number;
  readonly shrinks: number;
}

/** The report of a refuted claim. */
export function reportFailure(refutation: Refutation, place: ClaimPlace): string {
  const lines = [
    `${place.fullTitle}: broken after ${refutation.runs} runs and ${refutation.shrinks} shrinks`,
    ...breachLines(refutation.error),
    ...caseLines(refutation.counterexample),
    line('replay', replayCommand(refutation, place)),
  ];
  return lines.join('\n');
}

function breachLines(error: unknown): string[] {
  if (!(error instanceof BrokenClaim)) return [line('answer', `threw ${show(error)}`), line('allowed', 'an answer')];
  const { request, answer, allowed, but } = error.breach;
  const lines = [line('request', request), line('answer', answer), line('allowed', allowed)];
  return but === undefined ? lines : [...lines, line('but', but)];
}

function line(label: string, text: string): string {
  return `  ${label.padEnd(9)} ${text}`;
}

/** Generated values are mostly short; a long text or array is cut, as the replay line gives it in full. */
function caseLines(values: unknown): string[] {
  const text = fc.stringify(values);
  if (text === '[]') return [];
  return [line('case', text.length > 400 ? `${text.slice(0, 400)}...` : text)];
}

function replayCommand(refutation: Refutation, place: ClaimPlace): string {
  const pattern = `${escapePattern(place.fullTitle.replaceAll(' > ', ' '))}$`;
  return `FC_SEED=${refutation.seed} FC_PATH=${refutation.path} npx vitest run ${place.file} -t ${quote(pattern)}`;
}

/** `-t` takes a regular expression. */
function escapePattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
