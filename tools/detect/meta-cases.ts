/** The faulty allocators that the tests of the suite are tried with, hunted by the campaign. */
import type { LawId } from '../../fuzz/laws.ts';
import type { Subject } from '../../fuzz/subjects/subject.ts';
import { HOST_FAULTS, type HostFault, type Shown } from '../../properties/meta/host-allocator-faults.ts';
import { subjectWith } from '../../properties/meta/plain-implementation.ts';
import { SUBJECT_FAULTS } from '../../properties/meta/subject-faults.ts';
import type { Case } from './case.ts';

/** Host allocators promise every answer: which law a wrong one breaks first depends on what was asked. */
const EXACT_LAWS: readonly LawId[] = [
  'agrees-with-the-contract',
  'statistics-match-history',
  'refusals-are-honest',
  'exhaustion-is-reported',
  'impossible-sizes-are-refused',
];

/** Faults that no trace can show are no cases. */
export function metaCases(): readonly Case[] {
  const plain = SUBJECT_FAULTS.map(({ name, law, shown, create }) =>
    metaCase('plain', name, { law, trace: shown }, [law], create),
  );
  return [...plain, ...HOST_FAULTS.flatMap(hostCases)];
}

function hostCases(fault: HostFault): Case[] {
  const { name, shown, Bump } = fault;
  const allocator = Bump === undefined ? 'host-stack' : 'host-bump';
  if (shown === undefined) return [];
  return [metaCase(allocator, name, shown, [shown.law, ...EXACT_LAWS], () => subjectWith(fault))];
}

function metaCase(
  allocator: string,
  fault: string,
  { trace }: Shown,
  laws: readonly LawId[],
  create: () => Subject,
): Case {
  const leastOperations = trace.split('; ').length;
  return { allocator, fault, laws, leastOperations, open: () => ({ name: allocator, about: fault, create }) };
}
