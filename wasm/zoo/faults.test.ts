/** Every fault is shown by the shortest trace that its table gives, under a law that the table gives; the sound form is not. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { judge, Lockstep } from '../../fuzz/lockstep.ts';
import type { Profile } from '../../fuzz/model/profile.ts';
import { detect } from '../../fuzz/subjects/abi/index.ts';
import { ModuleSubject } from '../../fuzz/subjects/module-subject.ts';
import { parseTrace } from '../../fuzz/trace/text.ts';
import type { Trace } from '../../fuzz/trace/trace.ts';
import { prepareModule } from '../../fuzz/wasm/prepare.ts';
import { ZOO_DIRECTORY } from './modules.ts';
import { faultFile, ZOO_ALLOCATORS, ZOO_FAULTS, type ZooFault } from './zoo.ts';

/** Rounds after which a leak of one block a round has moved the end of the heap. */
const ROUNDS = 256;

function lockstepOf(file: string, profile: Profile): Lockstep {
  const prepared = prepareModule(readFileSync(join(ZOO_DIRECTORY, file)));
  return new Lockstep(new ModuleSubject(file, prepared, detect(prepared.module), profile));
}

const profileOf = ({ allocator }: ZooFault): Profile => {
  const found = ZOO_ALLOCATORS.find(({ name }) => name === allocator);
  if (found === undefined) throw new Error(`no allocator ${allocator} in the zoo`);
  return found.profile;
};

const traceOf = ({ shortestTrace }: ZooFault): Trace =>
  parseTrace(`# heaplaw trace 1 · subject zoo\n${shortestTrace}`).trace;

const brokenLaw = (lockstep: Lockstep, fault: ZooFault): string | undefined =>
  fault.needs === 'repetition'
    ? lockstep.runRepeated(traceOf(fault), ROUNDS)?.law
    : judge(lockstep, traceOf(fault))?.law;

test.each(ZOO_FAULTS.filter(({ needs }) => needs !== 'other-contents'))(
  '$allocator with $fault is shown by its shortest trace, and the sound form is not',
  (fault) => {
    expect(fault.laws).toContain(brokenLaw(lockstepOf(faultFile(fault), profileOf(fault)), fault));
    expect(brokenLaw(lockstepOf(`${fault.allocator}.wasm`, profileOf(fault)), fault)).toBeUndefined();
  },
);
