/// <reference types="vitest/importMeta" />
import { describe } from 'vitest';
import { type Claim, registerClaim } from '../claim.ts';
import { type Implementation, OURS } from './implementation.ts';

/** One law of the memory interface: the file it lives in is named for it. */
export interface MemoryLaw {
  readonly id: string;
  /** The law in a sentence. */
  readonly sentence: string;
  /** What must hold of `subject`, claim by claim. */
  readonly claims: (subject: Implementation) => readonly Claim[];
}

/**
 * Hands a law on the project's own implementation to vitest. A law's file calls it only when that file is the one
 * being run (`import.meta.vitest`), so that the suite's own tests can import the law without running it.
 */
export function verify(law: MemoryLaw): void {
  describe(law.id, () => {
    for (const claim of law.claims(OURS)) registerClaim(claim);
  });
}
