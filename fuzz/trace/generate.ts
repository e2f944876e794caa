/**
 * Makes traces at random, from `random` alone.
 *
 * Lengths: half of the traces have 3 to 30 operations, a quarter 30 to 120, three in sixteen 120 to 500 and one in
 * sixteen 500 to the maximum; none has more than the maximum. Short traces find most faults and are cheap; a table
 * that overflows at 64 or 1,024 live blocks needs the long ones.
 */
import type { Profile } from '../model/profile.ts';
import { Draft } from './generate-draft.ts';
import {
  brim,
  carpet,
  churn,
  comb,
  creep,
  crowd,
  cycle,
  drain,
  exhaust,
  grow,
  mix,
  type Phase,
  refill,
  refit,
  repeat,
  resize,
  restart,
  scope,
  seams,
  steady,
  stretch,
  swallow,
  sweep,
  visit,
  whole,
} from './generate-phases.ts';
import { CODE, type OperationKind } from './operation.ts';
import type { Random } from './random.ts';
import type { Trace } from './trace.ts';

/** A trace of 1 to `maximumOperations` operations that suits `profile`; `run` names scripts below `scriptCount`. */
export function generateTrace(random: Random, profile: Profile, maximumOperations: number, scriptCount = 0): Trace {
  const author = authorFor(profile, scriptCount, random);
  const most = Math.max(1, maximumOperations);
  author.draft.begin(random, Math.min(drawLength(random, maximumOperations), most), most);
  author.write();
  return author.draft.end();
}

interface Author {
  readonly scriptCount: number;
  readonly draft: Draft;
  readonly write: () => void;
}

/** Tables made from a profile serve every trace for it. */
const authors = new WeakMap<Profile, Author>();

function authorFor(profile: Profile, scriptCount: number, random: Random): Author {
  const known = authors.get(profile);
  if (known?.scriptCount === scriptCount) return known;
  const draft = new Draft(profile, scriptCount, random);
  const phases = phasesFor(profile);
  const rarities = raritiesFor(profile);
  const author = { scriptCount, draft, write: () => writePhases(draft, phases, rarities) };
  authors.set(profile, author);
  return author;
}

/** The distribution at the head of this file. */
function drawLength(random: Random, maximumOperations: number): number {
  const share = random.below(16);
  if (share < 8) return random.between(3, 30);
  if (share < 12) return random.between(30, 120);
  return share < 15 ? random.between(120, 500) : random.between(500, Math.max(500, maximumOperations));
}

interface Choice {
  readonly phase: Phase;
  /** Every one of these is needed. */
  readonly needs: readonly OperationKind[];
}

/** What a stretch of a trace may be; listed as often as it should come up. */
const CHOICES: readonly Choice[] = [
  { phase: mix, needs: [] },
  { phase: mix, needs: [] },
  { phase: mix, needs: [] },
  { phase: mix, needs: [] },
  { phase: repeat, needs: [] },
  { phase: grow, needs: ['malloc'] },
  { phase: grow, needs: ['malloc'] },
  { phase: comb, needs: ['malloc', 'free'] },
  { phase: drain, needs: ['malloc', 'free'] },
  { phase: churn, needs: ['malloc', 'free'] },
  { phase: resize, needs: ['malloc', 'realloc'] },
  { phase: resize, needs: ['malloc', 'realloc'] },
  { phase: scope, needs: ['malloc', 'mark', 'pop'] },
  { phase: scope, needs: ['malloc', 'mark', 'pop'] },
  { phase: restart, needs: ['reset'] },
];

function phasesFor(profile: Profile): readonly Phase[] {
  const has = (kind: OperationKind) => profile.operations.includes(kind);
  return CHOICES.filter(({ needs }) => needs.every(has)).map(({ phase }) => phase);
}

/** Arenas larger than this are never asked for as a whole: copying such blocks takes the time of a thousand traces. */
const LARGEST_WHOLE_BYTES = 2 ** 26;

/** Arenas up to this are filled to the brim by one trace in 43, larger ones by one in 128. */
const MODEST_WHOLE_BYTES = 2 ** 23;

interface Rarity extends Choice {
  /** How many traces of 128 are this. */
  readonly times: number;
  /** Not for larger arenas. */
  readonly arenaBytes?: number;
}

/** Traces that go where the others do not, most of them in a few operations: one in three. */
const RARITIES: readonly Rarity[] = [
  { phase: steady, times: 6, needs: ['malloc'] },
  { phase: visit, times: 8, needs: ['malloc', 'mark', 'pop'] },
  { phase: seams, times: 5, needs: ['malloc'] },
  { phase: brim, times: 1, needs: ['malloc'], arenaBytes: LARGEST_WHOLE_BYTES },
  { phase: brim, times: 2, needs: ['malloc'], arenaBytes: MODEST_WHOLE_BYTES },
  { phase: crowd, times: 5, needs: ['malloc', 'free'] },
  { phase: sweep, times: 2, needs: ['malloc', 'free'] },
  { phase: creep, times: 3, needs: ['malloc', 'realloc'] },
  { phase: carpet, times: 3, needs: ['malloc'] },
  { phase: refit, times: 12, needs: ['malloc'] },
  { phase: whole, times: 1, needs: ['malloc'], arenaBytes: LARGEST_WHOLE_BYTES },
  { phase: stretch, times: 3, needs: ['malloc', 'realloc'] },
  { phase: swallow, times: 3, needs: ['malloc', 'realloc', 'free'] },
  { phase: cycle, times: 5, needs: ['malloc', 'reset'] },
];

function raritiesFor(profile: Profile): readonly Phase[] {
  const spanBytes = profile.arenaEnd - profile.arenaStart;
  const pool = isFillable(profile) ? new Array<Phase>(REFILLS).fill(refill) : [];
  const usual = RARITIES.filter(
    ({ needs, arenaBytes = spanBytes }) =>
      spanBytes <= arenaBytes && needs.every((kind) => profile.operations.includes(kind)),
  ).flatMap(({ phase, times }) => new Array<Phase>(times).fill(phase));
  return [...usual, ...pool];
}

/** Of 128 traces so many fill a pool, where no trace need be longer than usual for it. */
const REFILLS = 24;
const MOST_REFILLED_BLOCKS = 1500;

const isFillable = ({ operations, guaranteedBlocks }: Profile): boolean =>
  guaranteedBlocks !== undefined &&
  guaranteedBlocks <= MOST_REFILLED_BLOCKS &&
  operations.includes('malloc') &&
  operations.includes('free');

function writePhases(draft: Draft, phases: readonly Phase[], rarities: readonly Phase[]): void {
  const rarity = rarities[draft.random.below(128)];
  if (rarity === undefined) return writePlan(draft, phases);
  draft.lengthen();
  rarity(draft, draft.room());
}

function writePlan(draft: Draft, phases: readonly Phase[]): void {
  const plan = draft.random.below(8);
  if (plan < 2) return mix(draft, draft.room());
  if (plan < 4 && draft.allocates()) return writeLife(draft);
  // A third is kept for a last drain once in four: the laws on a heap where all was freed need such traces.
  const tidy = plan === 7 && draft.has(CODE.free);
  writeStretches(draft, phases, tidy ? Math.floor(draft.room() / 3) : 0);
  if (tidy) drain(draft, draft.room());
}

/** Stretches of random kinds and lengths until `kept` operations are left. */
function writeStretches(draft: Draft, phases: readonly Phase[], kept: number): void {
  while (draft.room() > kept) {
    const room = draft.room() - kept;
    const before = draft.room();
    const phase = draft.random.pick(phases);
    phase(draft, Math.min(room, 2 + draft.random.below(room)));
    if (draft.room() === before) draft.operate();
  }
}

/** The life of a heap: it grows or fills up, is fragmented, is used again, and drains. */
function writeLife(draft: Draft): void {
  const room = draft.room();
  const rise = Math.ceil(room * 0.45);
  if (draft.mayExhaust() && draft.random.oneIn(2)) exhaust(draft, rise);
  else grow(draft, rise);
  if (draft.has(CODE.free)) comb(draft, Math.ceil(room * 0.15));
  mix(draft, Math.min(draft.room(), Math.ceil(room * 0.2)));
  if (draft.has(CODE.free)) drain(draft, draft.room());
  mix(draft, draft.room());
}
