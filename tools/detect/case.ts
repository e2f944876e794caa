/** What `npm run detect` tries: an allocator with one fault, or a sound one. */
import type { LawId } from '../../fuzz/laws.ts';
import type { SubjectDefinition } from '../../fuzz/subjects/subject.ts';

export interface Case {
  readonly allocator: string;
  /** The name of the fault; undefined when there is none. */
  readonly fault?: string;
  /** Any of these is a right answer; empty for a sound allocator. */
  readonly laws: readonly LawId[];
  /** Operations of the shortest trace known; undefined where none was worked out. */
  readonly leastOperations?: number;
  /** Opens the module and, where the profile is not pinned, probes it. */
  open(): SubjectDefinition;
}

/** `allocator fault`, which `--only` is matched against. */
export function titleOf({ allocator, fault }: Case): string {
  return fault === undefined ? `${allocator} (sound)` : `${allocator} ${fault}`;
}
