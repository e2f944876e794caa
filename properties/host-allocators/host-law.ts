/// <reference types="vitest/importMeta" />
import fc from 'fast-check';
import { describe } from 'vitest';
import { LAWS, type LawId } from '../../fuzz/laws.ts';
import { judge, Lockstep } from '../../fuzz/lockstep.ts';
import { HostBumpSubject } from '../../fuzz/subjects/host-bump.ts';
import { HostStackSubject } from '../../fuzz/subjects/host-stack.ts';
import { HOST_IMPLEMENTATION, type HostImplementation } from '../../fuzz/subjects/implementation.ts';
import type { Subject } from '../../fuzz/subjects/subject.ts';
import type { Operation } from '../../fuzz/trace/operation.ts';
import { formatOperation } from '../../fuzz/trace/text.ts';
import { type Trace, traceOf } from '../../fuzz/trace/trace.ts';
import type { Violation } from '../../fuzz/violation.ts';
import { traces } from '../arbitraries/traces.ts';
import { broken, type Claim, defineClaim, registerClaim } from '../claim.ts';
import { show } from '../show.ts';

/** One law of a host allocator: the file it lives in is named for it. */
export interface HostLaw {
  readonly id: string;
  /** The law in a sentence. */
  readonly sentence: string;
  /** What must hold of an implementation, claim by claim. */
  readonly claims: (implementation: HostImplementation) => readonly Claim[];
}

/** Hands a law on the project's own implementation to vitest. Called only by the file being run. */
export function verify(law: HostLaw): void {
  describe(law.id, () => {
    for (const claim of law.claims(HOST_IMPLEMENTATION)) registerClaim(claim);
  });
}

/** A law that the lockstep judges, on the bump allocator: its default heap, an odd base, and a heap that starts full. */
export function bumpTraceLaw(id: LawId): HostLaw {
  const claims = (implementation: HostImplementation): Claim[] => [
    holdsOnTraces(id, 'the default heap', implementation, () => new HostBumpSubject(implementation)),
    holdsOnTraces(id, 'a heap at an odd base', implementation, () => {
      return new HostBumpSubject(implementation, { initialPages: 1, maximumPages: 3, base: 70_001 });
    }),
    holdsOnTraces(id, 'a heap that cannot grow', implementation, () => {
      return new HostBumpSubject(implementation, { initialPages: 2, maximumPages: 2, base: 1024 });
    }),
  ];
  return { id, sentence: LAWS[id], claims };
}

/** A law that the lockstep judges, on the stack allocator: its default region, and a small one at an odd base. */
export function stackTraceLaw(id: LawId): HostLaw {
  const claims = (implementation: HostImplementation): Claim[] => [
    holdsOnTraces(id, 'the default stack', implementation, () => new HostStackSubject(implementation)),
    holdsOnTraces(id, 'a small stack at an odd base', implementation, () => {
      return new HostStackSubject(implementation, { base: 4097, sizeBytes: 1000 });
    }),
  ];
  return { id, sentence: LAWS[id], claims };
}

/** No trace breaks law `id`; traces that break another are that law's matter. */
function holdsOnTraces(id: LawId, where: string, implementation: HostImplementation, create: () => Subject): Claim {
  const first = made(create);
  if (first instanceof Error) return notMade(where, first);
  const verdicts = verdictsOn(implementation, where);
  let opened: Lockstep | undefined;
  const lockstep = (): Lockstep => {
    opened ??= new Lockstep(create());
    return opened;
  };
  const check = (operations: Operation[]): void => {
    const trace = traceOf(operations);
    const violation = verdicts.of(trace, () => judge(lockstep(), trace));
    if (violation?.law === id) brokenBy(violation, operations);
  };
  return defineClaim(`on ${where}`, [printed(traces(first.profile))], check, { runs: 150 });
}

/** What became of traces: every law draws the same, and the first violation of a trace is the same for all of them. */
class Verdicts {
  readonly #known = new Map<string, Violation | undefined>();

  of(trace: Trace, judgeIt: () => Violation | undefined): Violation | undefined {
    const key = trace.join();
    if (!this.#known.has(key)) this.#known.set(key, judgeIt());
    return this.#known.get(key);
  }
}

const verdictsByPlace = new WeakMap<HostImplementation, Map<string, Verdicts>>();

function verdictsOn(implementation: HostImplementation, where: string): Verdicts {
  const places = verdictsByPlace.get(implementation) ?? new Map<string, Verdicts>();
  verdictsByPlace.set(implementation, places);
  const verdicts = places.get(where) ?? new Verdicts();
  places.set(where, verdicts);
  return verdicts;
}

/** The subject, or the error that making it threw. */
function made(create: () => Subject): Subject | Error {
  try {
    return create();
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function notMade(where: string, error: Error): Claim {
  const request = `making an allocator for ${where}`;
  return defineClaim(`on ${where}`, [], () => broken({ request, answer: show(error), allowed: 'an allocator' }));
}

function brokenBy(violation: Violation, operations: readonly Operation[]): never {
  const trace = operations.slice(0, violation.step).map(formatOperation).join(' · ');
  const { answer, allowed, but, step } = violation;
  const request = step === 0 ? violation.request : `step ${step} of: ${trace}`;
  broken(but === undefined ? { request, answer, allowed } : { request, answer, allowed, but });
}

/** fast-check prints operations as the lines of a trace file. */
function printed(arbitrary: fc.Arbitrary<Operation[]>): fc.Arbitrary<Operation[]> {
  return arbitrary.map((operations) => {
    const text = (): string => `[${operations.map(formatOperation).join(' · ')}]`;
    return Object.defineProperty(operations, fc.toStringMethod, { value: text, enumerable: false });
  });
}
