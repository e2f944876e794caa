/** Every subject of the repository, by the name the command line and the corpus use. Adding one is adding a line. */
import { CanarySubject } from './canary.ts';
import { HostBumpSubject } from './host-bump.ts';
import { HostStackSubject } from './host-stack.ts';
import type { SubjectDefinition } from './subject.ts';

export const SUBJECTS: readonly SubjectDefinition[] = [
  { name: 'host-bump', about: 'HostBumpAllocator of src/, heap that grows', create: () => new HostBumpSubject() },
  { name: 'host-stack', about: 'HostStackAllocator of src/, marks and pops', create: () => new HostStackSubject() },
  { name: 'canary', about: 'breaks a law on purpose, past 64 live blocks', create: () => new CanarySubject() },
];
