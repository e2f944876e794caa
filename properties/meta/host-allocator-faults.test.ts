/** Every faulty copy of a host allocator is caught by the law that should catch it, and sound copies by none. */
import { describe, expect, it } from 'vitest';
import { judge, Lockstep } from '../../fuzz/lockstep.ts';
import type { HostImplementation } from '../../fuzz/subjects/implementation.ts';
import { parseTrace } from '../../fuzz/trace/text.ts';
import type { HostLaw } from '../host-allocators/host-law.ts';
import { HOST_BUMP_LAWS } from '../host-bump/laws.ts';
import { HOST_STACK_LAWS } from '../host-stack/laws.ts';
import { HOST_FAULTS, type HostFault } from './host-allocator-faults.ts';
import { subjectWith, withAllocators } from './plain-implementation.ts';

/** Sound copies get a part of the runs: a false alarm is a misread contract, and shows in any run or few. */
const SHARE_FOR_SOUND_COPIES = 0.1;

/** Whether a claim of `law` does not hold. The case is made no smaller, as nobody reads it. */
function isRefuted(law: HostLaw, implementation: HostImplementation): boolean {
  return law.claims(implementation).some((claim) => claim.refute({ shrinks: false }) !== undefined);
}

/** False alarms of `law`. */
function alarmsOf(law: HostLaw, implementation: HostImplementation): string[] {
  const alarms = law.claims(implementation).filter((claim) => claim.refute({ share: SHARE_FOR_SOUND_COPIES }));
  return alarms.map((claim) => `${law.id}: ${claim.title}`);
}

function lawsFor(fault: HostFault): readonly HostLaw[] {
  return fault.Bump === undefined ? HOST_STACK_LAWS : HOST_BUMP_LAWS;
}

describe('faulty host allocators', () => {
  it.each(HOST_FAULTS)('$name is caught by $law', (fault) => {
    const law = lawsFor(fault).find(({ id }) => id === fault.law);
    expect(law, `no law "${fault.law}" in the table`).toBeDefined();
    if (law !== undefined) expect(isRefuted(law, withAllocators(fault.Bump, fault.Stack))).toBe(true);
  });
});

describe('faulty host allocators as subjects', () => {
  it.each(HOST_FAULTS.filter(({ shown }) => shown !== undefined))(
    '$name: breaks its law by the trace stated',
    (fault) => {
      const { trace = '', law } = fault.shown ?? {};
      const operations = trace.split('; ').join('\n');
      const violation = judge(new Lockstep(subjectWith(fault)), parseTrace(`# heaplaw trace 1\n${operations}`).trace);
      expect(violation?.law, JSON.stringify(violation)).toBe(law);
    },
  );
});

describe('sound host allocators', () => {
  it.each([...HOST_BUMP_LAWS, ...HOST_STACK_LAWS])('$id is silent on a plain copy', (law) => {
    expect(alarmsOf(law, withAllocators())).toEqual([]);
  });
});
