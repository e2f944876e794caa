/** The faulty allocators that the tests of the suite are tried with, hunted by the campaign. */
import type { Subject } from '../../fuzz/subjects/subject.ts';
import { HOST_FAULTS, type HostFault, type Shown } from '../../properties/meta/host-allocator-faults.ts';
import { subjectWith } from '../../properties/meta/plain-implementation.ts';
import { SUBJECT_FAULTS } from '../../properties/meta/subject-faults.ts';
import type { Case } from './case.ts';

/** Faults that no trace can show are no cases. */
export function metaCases(): readonly Case[] {
  const plain = SUBJECT_FAULTS.map(({ name, law, shown, create }) =>
    metaCase('plain', name, { law, trace: shown }, create),
  );
  return [...plain, ...HOST_FAULTS.flatMap(hostCases)];
}

function hostCases(fault: HostFault): Case[] {
  const { name, shown, Bump } = fault;
  const allocator = Bump === undefined ? 'host-stack' : 'host-bump';
  return shown === undefined ? [] : [metaCase(allocator, name, shown, () => subjectWith(fault))];
}

function metaCase(allocator: string, fault: string, { law, trace }: Shown, create: () => Subject): Case {
  const leastOperations = trace.split('; ').length;
  return { allocator, fault, laws: [law], leastOperations, open: () => ({ name: allocator, about: fault, create }) };
}
