/** Every faulty copy of a host allocator is caught by the law that should catch it, and sound copies by none. */
import { describe, expect, it } from 'vitest';
import { HOST_IMPLEMENTATION, type HostImplementation } from '../../fuzz/subjects/implementation.ts';
import type { HostBumpAllocator, HostStackAllocator } from '../../src/index.ts';
import type { HostLaw } from '../host-allocators/host-law.ts';
import { HOST_BUMP_LAWS } from '../host-bump/laws.ts';
import { HOST_STACK_LAWS } from '../host-stack/laws.ts';
import { HOST_FAULTS, type HostFault } from './host-allocator-faults.ts';
import { PlainBumpAllocator, PlainStackAllocator } from './plain-host-allocators.ts';

/** Sound copies get a part of the runs: a false alarm is a misread contract, and shows in any run or few. */
const SHARE_FOR_SOUND_COPIES = 0.2;

/** The project's implementation with these allocators in place of its own. */
function withAllocators(
  Bump: typeof PlainBumpAllocator = PlainBumpAllocator,
  Stack: typeof PlainStackAllocator = PlainStackAllocator,
): HostImplementation {
  return {
    ...HOST_IMPLEMENTATION,
    // The copies have the same public members; TypeScript tells classes with private fields apart by name.
    HostBumpAllocator: Bump as unknown as typeof HostBumpAllocator,
    HostStackAllocator: Stack as unknown as typeof HostStackAllocator,
  };
}

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

describe('sound host allocators', () => {
  it.each([...HOST_BUMP_LAWS, ...HOST_STACK_LAWS])('$id is silent on a plain copy', (law) => {
    expect(alarmsOf(law, withAllocators())).toEqual([]);
  });
});
