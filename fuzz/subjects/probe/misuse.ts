/** What a module does with a free that C forbids. For the reader of a profile; no law follows from it. */
import type { ModuleSubject } from '../module-subject.ts';
import { attempt } from './attempt.ts';

export interface Misuse {
  readonly doubleFree: 'traps' | 'returns';
  readonly interiorFree: 'traps' | 'returns';
  readonly foreignFree: 'traps' | 'returns';
}

export function probeMisuse(subject: ModuleSubject): Misuse {
  const { alignmentBytes } = subject.profile;
  const free = (pointer: number) => subject.free(pointer, 40, alignmentBytes);
  const answer = (body: (pointer: number) => void) =>
    attempt(subject, 'traps' as const, () => {
      const pointer = subject.malloc(40);
      subject.malloc(40);
      body(pointer);
      return 'returns' as const;
    });
  return {
    doubleFree: answer((pointer) => {
      free(pointer);
      free(pointer);
    }),
    interiorFree: answer((pointer) => free(pointer + 16)),
    foreignFree: answer(() => free(16)),
  };
}
