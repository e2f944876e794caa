/** A target that a campaign can evolve: it makes new traces from old ones, too. */
import type { Random } from '../trace/random.ts';
import type { Trace } from '../trace/trace.ts';
import type { Target } from './target.ts';

export interface CampaignTarget extends Target {
  /** Sizes worth trying in place of many small blocks: the subject's capacity, its arena. */
  readonly landmarkSizes: readonly number[];
  /** A variation of `trace`, perhaps crossed with `other`, of at most `maximumOperations` operations. */
  mutate(random: Random, trace: Trace, other: Trace, maximumOperations: number): Trace;
  /** The names of the mutators that the last call of `mutate` applied. */
  lastMutations(): readonly string[];
}
