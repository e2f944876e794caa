/** Plain copies of the host allocators, sound or faulty, where the laws and the lockstep expect the project's own. */
import { HostBumpSubject } from '../../fuzz/subjects/host-bump.ts';
import { HostStackSubject } from '../../fuzz/subjects/host-stack.ts';
import { HOST_IMPLEMENTATION, type HostImplementation } from '../../fuzz/subjects/implementation.ts';
import type { Subject } from '../../fuzz/subjects/subject.ts';
import type { HostBumpAllocator, HostStackAllocator } from '../../src/index.ts';
import type { HostFault } from './host-allocator-faults.ts';
import { PlainBumpAllocator, PlainStackAllocator } from './plain-host-allocators.ts';

/** The project's implementation with these allocators in place of its own. */
export function withAllocators(
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

/** The allocator that has the fault, as the campaign fuzzes it. */
export function subjectWith({ Bump, Stack }: HostFault): Subject {
  const implementation = withAllocators(Bump, Stack);
  return Bump === undefined ? new HostStackSubject(implementation) : new HostBumpSubject(implementation);
}
