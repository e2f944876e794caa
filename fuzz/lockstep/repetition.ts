/** A trace that is run again and again, all blocks freed after each round: whether their memory is handed out again. */
import { Climb } from '../model/climb.ts';
import { NO_SLOT } from '../model/heap-model.ts';
import type { Profile } from '../model/profile.ts';
import { isRoomy } from '../model/refusal.ts';
import { isClosed } from '../trace/closed.ts';
import { wordAt } from '../trace/operand-positions.ts';
import { CODE } from '../trace/operation.ts';
import { STRIDE, type Trace } from '../trace/trace.ts';
import type { BlockWriter } from './block-writer.ts';
import type { Judges } from './judges.ts';
import { freeAll } from './recovery.ts';
import type { Sides } from './sides.ts';

/** Operations: a leak of 16 bytes an operation fills 16 MiB. */
const LONGEST_REPETITION = 2 ** 20;
/** Function entries and loop rounds of a module, a second or two: where each operation walks far, rounds are few. */
const MOST_STEPS = 2 ** 28;
/** Operations: longer traces than this nobody reads, and shrinking them takes minutes. */
const LONGEST_UNROLLED = 2 ** 14;
/** Rounds that answered alike, pointer for pointer, after which a heap has settled; a counter of a byte has run over. */
const STEADY_ROUNDS = 256;
/** Rounds that answered alike are few enough where their blocks are large, and a counter that runs over shows with small ones. */
const FEW_STEADY_ROUNDS = 16;
/** KiB filled: what is too much to write for the sake of such a counter. */
const LARGE_KIB = 2 ** 14;
/**
 * KiB filled for each of the rounds that were wanted, some seconds of an allocator that clears or copies byte by byte. By
 * their number, so that a leak which few rounds show is shown by many as well.
 */
const MOST_KIB_A_ROUND = 2 ** 12;

/** Whether repeating `trace` says anything of a subject with `profile`. */
export function isTelling(profile: Profile, trace: Trace): boolean {
  const { reclaims, coalesces, arenaStart, arenaEnd } = profile;
  if (profile.operations.includes('reset') && isCycle(trace)) return true;
  if (profile.popsReclaim === true) return isClosed(trace);
  return reclaims && isRepeatable(trace) && (coalesces || asksAlike(trace, arenaEnd - arenaStart));
}

export class Repetition {
  readonly #sides: Sides;
  readonly #judges: Judges;
  readonly #trace: Trace;
  readonly #runTrace: () => void;
  readonly #writer: Pick<BlockWriter, 'filledKib'>;
  #round = 0;
  /** The slots of the blocks that were freed after the last round, in that order. */
  #emptied: readonly number[] = [];

  /** `runTrace` runs `trace` once, on the heap as it is. */
  constructor(
    sides: Sides,
    judges: Judges,
    writer: Pick<BlockWriter, 'filledKib'>,
    trace: Trace,
    runTrace: () => void,
  ) {
    this.#sides = sides;
    this.#judges = judges;
    this.#writer = writer;
    this.#trace = trace;
    this.#runTrace = runTrace;
  }

  /**
   * Repeats the trace `rounds` times, fewer where it has settled, and more where its addresses still rise: up to
   * `mostOperations` operations.
   */
  run(rounds: number, mostOperations = LONGEST_REPETITION): void {
    this.#runRound();
    const { profile, model } = this.#sides;
    const { refusals } = this.#judges;
    if (refusals.possible > 0 || refusals.growing > 0 || !isRoomy(profile, model)) return;
    this.#climb(rounds, mostOperations);
  }

  #climb(rounds: number, mostOperations: number): void {
    const { model, progress } = this.#sides;
    const { refusals, answers } = this.#judges;
    const operations = Math.max(1, progress.step);
    const mostRounds = Math.min(LONGEST_REPETITION, Math.max(mostOperations, rounds * operations)) / operations;
    const climb = new Climb(rounds, model.lowestStart);
    const firstKib = this.#writer.filledKib;
    let steady = 0;
    for (let round = 2; round <= mostRounds && climb.goesOn(round); round++) {
      const before = answers.digest;
      const grew = this.#runRound();
      // A heap that grows for requests that it refuses may do so in every round.
      if (refusals.growing > 0) return;
      climb.note(round, model.highestEnd, grew);
      this.#judge(climb);
      steady = answers.digest === before ? steady + 1 : 0;
      const kib = this.#writer.filledKib - firstKib;
      if (kib > rounds * MOST_KIB_A_ROUND || steady >= steadyRounds(kib)) return;
      if ((this.#sides.subject.stepsTaken ?? 0) > MOST_STEPS) return this.#judgeEarly(climb);
    }
  }

  #judgeEarly(climb: Climb): void {
    if (climb.isEvenLeak) this.#break(`round ${this.#round} of the trace grew memory as every round does`);
  }

  /** One trace that does what was done up to the round under way; undefined when no slot names a block freed between. */
  unrolled(): Trace | undefined {
    const trace = this.#trace;
    const frees = new Uint32Array(this.#emptied.length * STRIDE);
    this.#emptied.forEach((slot, index) => void frees.set([CODE.free, slot], index * STRIDE));
    const words = (trace.length + frees.length) * this.#round;
    if (words === 0 || words > LONGEST_UNROLLED * STRIDE || this.#emptied.includes(NO_SLOT)) return undefined;
    const unrolled = new Uint32Array(words);
    for (let at = 0; at < words; at += trace.length + frees.length) {
      unrolled.set(trace, at);
      unrolled.set(frees, at + trace.length);
    }
    return unrolled;
  }

  /** Runs the trace once more and frees all. Whether memory grew. */
  #runRound(): boolean {
    const { growth, answers } = this.#judges;
    const { model, progress } = this.#sides;
    const { pages } = growth;
    this.#round++;
    progress.startOver();
    answers.startOver();
    this.#runTrace();
    this.#emptied = model.live.map((block) => (model.at(block.slot) === block ? block.slot : NO_SLOT));
    freeAll(this.#sides, this.#judges);
    return growth.pages > pages;
  }

  #judge(climb: Climb): void {
    const answer = `round ${this.#round} of the trace`;
    if (this.#judges.refusals.possible > 0) this.#break(`${answer} was refused what the first was given`);
    if (climb.isLeak)
      this.#break(`${answer} grew memory for the ${climb.growths === 3 ? '3rd' : `${climb.growths}th`} time`);
  }

  #break(answer: string): never {
    const allowed = 'memory that was freed, handed out again';
    this.#sides.progress.break('freed-memory-is-reused', answer, allowed);
  }
}

/** Rounds that answered alike, which are enough once all rounds but the first filled `kib` KiB. */
const steadyRounds = (kib: number): number => (kib > LARGE_KIB ? FEW_STEADY_ROUNDS : STEADY_ROUNDS);

/** Whether the trace ends with a reset, and blocks end by nothing but resets, frees and reallocs. */
function isCycle(trace: Trace): boolean {
  const codes = codesOf(trace);
  return codes.at(-1) === CODE.reset && codes.every((code) => code < CODE.mark || code === CODE.reset);
}

/** Whether everything the trace makes can be freed after it, and memory grows by the subject's own doing alone. */
function isRepeatable(trace: Trace): boolean {
  return codesOf(trace).every((code) => code < CODE.mark);
}

/**
 * Whether blocks of one size, asked for in one way, are all the trace asks for, those apart that are larger than
 * `mostBytes` and given to nobody: an allocator that never joins free blocks reuses those.
 */
function asksAlike(trace: Trace, mostBytes: number): boolean {
  const requests = new Set<string>();
  for (let at = 0; at < trace.length; at += STRIDE) {
    if (trace[at] === CODE.free) continue;
    const { way, sizeBytes } = requestAt(trace, at);
    if (sizeBytes <= mostBytes) requests.add(`${way} ${sizeBytes}`);
  }
  return requests.size <= 1;
}

/** How the operation at word `at` asks, its alignment included, and for how many bytes. Blocks are resized as they are made. */
function requestAt(trace: Trace, at: number): { readonly way: string; readonly sizeBytes: number } {
  const [second, third] = [wordAt(trace, at + 2), wordAt(trace, at + 3)];
  if (trace[at] === CODE.calloc) return { way: 'calloc', sizeBytes: second * third };
  if (trace[at] === CODE.aligned_alloc) return { way: `aligned_alloc ${second}`, sizeBytes: third };
  return { way: 'malloc', sizeBytes: second };
}

function codesOf(trace: Trace): number[] {
  return Array.from({ length: trace.length / STRIDE }, (_, index) => wordAt(trace, index * STRIDE));
}
