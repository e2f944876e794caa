/** Every law that a subject's profile promises holds on every subject of the table, over both kinds of traces. */
import fc from 'fast-check';
import { describe } from 'vitest';
import { judge, Lockstep } from '../../fuzz/lockstep.ts';
import { SUBJECTS } from '../../fuzz/subjects/index.ts';
import { generateTrace } from '../../fuzz/trace/generate.ts';
import { Random } from '../../fuzz/trace/random.ts';
import { formatOperation } from '../../fuzz/trace/text.ts';
import { operationCount, operationsOf, STRIDE, type Trace, traceOf } from '../../fuzz/trace/trace.ts';
import type { Violation } from '../../fuzz/violation.ts';
import { traces } from '../arbitraries/traces.ts';
import { broken, claim } from '../claim.ts';

/** The canary breaks a law on purpose. */
const SOUND = SUBJECTS.filter(({ name }) => name !== 'canary');

/** A trace of a campaign is long: a few find what is easy to find, the campaign itself the rest. */
const MOST_OPERATIONS = 300;
/** Longer traces are not repeated. */
const MOST_REPEATED = 30;
const ROUNDS = 32;

describe.each(SOUND)('$name', ({ create }) => {
  const lockstep = new Lockstep(create());
  const { profile } = lockstep.subject;

  claim('keeps every law over traces that fast-check draws', [traces(profile)], (operations) =>
    judgeWhole(lockstep, traceOf(operations)),
  );

  claim('keeps every law over traces of the campaign', [fc.nat(2 ** 32 - 1)], (seed) =>
    judgeWhole(lockstep, generateTrace(new Random(seed), profile, MOST_OPERATIONS)),
  );

  claim('gives the same answers in a fresh instance, whatever its blocks hold', [fc.nat(2 ** 32 - 1)], answersAgree, {
    runs: 5,
  });

  function answersAgree(seed: number): void {
    const trace = generateTrace(new Random(seed), profile, MOST_OPERATIONS);
    const fresh = new Lockstep(create(), 1);
    fresh.run(trace);
    lockstep.run(trace);
    if (fresh.answers === lockstep.answers) return;
    broken({ request: linesOf(trace), answer: 'two answers', allowed: 'the same answers in a fresh instance' });
  }
});

/** Judges `trace` as a campaign does, and repeats it when it is short. */
function judgeWhole(lockstep: Lockstep, trace: Trace): void {
  const violation = judge(lockstep, trace) ?? repeated(lockstep, trace);
  if (violation === undefined) return;
  const { law, step, answer, allowed, but } = violation;
  const request = `step ${step} of: ${linesOf(trace.slice(0, step * STRIDE))}`;
  const breach = { request, answer: `${answer} (${law})`, allowed };
  broken(but === undefined ? breach : { ...breach, but });
}

function repeated(lockstep: Lockstep, trace: Trace): Violation | undefined {
  return operationCount(trace) > MOST_REPEATED ? undefined : lockstep.runRepeated(trace, ROUNDS);
}

function linesOf(trace: Trace): string {
  return operationsOf(trace).map(formatOperation).join(' · ');
}
