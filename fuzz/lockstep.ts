/**
 * Runs a trace on a subject and on the model side by side, and says which law broke first, if one did.
 *
 * Cheap on every operation: alignment, bounds, overlap, exact answers, policy. Contents are verified where a block
 * moves, dies or is swept; all of them before the trace ends. `judge` repeats a trace whose damage was found late with
 * a full check after each step, so that the report names the operation that did it.
 */
import type { LawId } from './laws.ts';
import { Contents } from './model/contents.ts';
import { type Block, HeapModel, NO_SLOT } from './model/heap-model.ts';
import { alignUp, isPowerOfTwo, type Predictor } from './model/predictor.ts';
import { predictorFor } from './model/predictors.ts';
import type { ZeroMalloc } from './model/profile.ts';
import { isRoomy, mayRefuse } from './model/refusal.ts';
import { OUTCOME, type Outcome, ShapeMap, shapeOf } from './model/shape.ts';
import { FuelExhausted, type Statistics, type Subject } from './subjects/subject.ts';
import { wordAt } from './trace/operand-positions.ts';
import { CODE, OPERATION_KINDS } from './trace/operation.ts';
import { mix } from './trace/random.ts';
import { formatOperation } from './trace/text.ts';
import { operationAt, STRIDE, type Trace } from './trace/trace.ts';
import { Broken, NO_REQUEST, type Relation, regionText, relationOf, type Violation } from './violation.ts';

/** `at-end`: contents are verified where blocks end, move or the trace ends. `every-step`: all of them, every time. */
export type Checking = 'at-end' | 'every-step';

const PAGE_BYTES = 65536;
/** Spreads small numbers over a word; odd, so that no two give the same. */
const ODD = 0x2545f491;
/** A heap that settles late, as one that joins free blocks when nothing fits, may grow once or twice on its way. */
const GROWTHS_OF_A_LEAK = 3;
/** Operations: a leak of 16 bytes an operation fills 16 MiB. */
const LONGEST_REPETITION = 2 ** 20;
/**
 * Memory that grows by a share of itself, or of what is asked for, at most doubles both; twice that is nobody's policy.
 */
const SHARE_OF_NEED = 4;
const SHARE_OF_MEMORY = 2;
/** Operations: longer traces than this nobody reads, and shrinking them takes minutes. */
const LONGEST_UNROLLED = 2 ** 14;
/** Rounds that answered alike, pointer for pointer, after which a heap has settled; a counter of a byte has run over. */
const STEADY_ROUNDS = 256;
/** Nearly every allocator has 16 bytes or fewer before a block. */
const HEADER_BYTES = 16;
/** Bytes of a pattern that are the same by chance once in 2^64 times. */
const TELLING_BYTES = 8;
const NO_STATISTICS: Statistics = {};

export class Lockstep {
  readonly subject: Subject;
  /** What was seen over all traces run so far; the campaign keeps a trace that adds to it. */
  readonly shapes = new ShapeMap();
  /** Operations run so far. */
  operations = 0;
  /** Bytes written into blocks so far, in KiB: filling one takes about as long as an operation. */
  filledKib = 0;
  /** A digest of every answer of the last trace. */
  answers = 0;
  readonly #salt: number;
  readonly #model: HeapModel;
  readonly #contents: Contents;
  readonly #predictor: Predictor | undefined;
  readonly #supported: readonly boolean[];
  #trace: Trace = new Uint32Array(0);
  #step = 0;
  #calling = false;
  /** Whether the trace has ended and its blocks are being freed: a trap then is none of its operations'. */
  #emptying = false;
  #pages = 0;
  #refusals = 0;
  /** What a request of 0 bytes is answered with, by the code of the operation, as promised or as seen in this trace. */
  readonly #zeroAnswers: ZeroMalloc[];
  /** Rounds of the last repetition, the last of which broke another law than it looks for; 0 when none did. */
  #brokenRound = 0;
  #round = 0;
  /** The slots of the blocks that were freed after the last round, in that order. */
  #emptied: readonly number[] = [];

  /**
   * `salt` varies the bytes written into blocks and nothing else: no answer may depend on it.
   */
  constructor(subject: Subject, salt = 0) {
    this.subject = subject;
    this.#salt = salt;
    this.#model = new HeapModel(subject.profile);
    this.#contents = new Contents(subject.memory, subject.memoryBytes?.bind(subject));
    this.#predictor = predictorFor(subject.profile);
    this.#zeroAnswers = OPERATION_KINDS.map(() => 'unspecified');
    this.#supported = OPERATION_KINDS.map((kind) => subject.profile.operations.includes(kind));
  }

  /** Runs `trace` from the subject's first state. Returns the first violation seen; undefined when every law held. */
  run(trace: Trace, checking: Checking = 'at-end'): Violation | undefined {
    return this.#guarded(trace, () => {
      this.#runAll(checking === 'every-step');
      this.#finish();
    });
  }

  /** The violation that `body` ends in, from the subject's first state; undefined when it ends well. */
  #guarded(trace: Trace, body: () => void): Violation | undefined {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0; // A refusal on the host is an error made and caught; its stack would cost ten times more.
    try {
      this.#begin(trace);
      body();
      return undefined;
    } catch (error) {
      const violation = this.#violationOf(error);
      this.#model.abandon();
      if (violation === undefined) throw error;
      return violation;
    } finally {
      this.#calling = false;
      Error.stackTraceLimit = stackTraceLimit;
    }
  }

  /**
   * Runs `trace` again and again without a restart, all blocks freed after each round, and says whether memory that
   * was freed is handed out again. `rounds` are enough for a heap that settles; one whose addresses still rise is given
   * up to `LONGEST_REPETITION` operations to grow memory for the third time, or to refuse what it met in the first
   * round. Traces that end blocks otherwise, or grow memory from outside, say nothing.
   */
  runRepeated(trace: Trace, rounds: number): Violation | undefined {
    this.#brokenRound = 0;
    if (!this.subject.profile.reclaims || !isRepeatable(trace)) return undefined;
    if (!this.subject.profile.coalesces && !asksForOneSize(trace)) return undefined;
    this.#round = 0;
    const violation = this.#guarded(trace, () => this.#repeat(rounds));
    if (violation === undefined || violation.law === 'freed-memory-is-reused') return violation;
    this.#brokenRound = this.#round;
    return undefined;
  }

  /**
   * One trace that does what the last repetition did until it broke a law that it does not look for: undefined when it
   * broke none, or when no slot names a block that was freed between rounds.
   */
  unrolled(): Trace | undefined {
    const frees = new Uint32Array(this.#emptied.length * STRIDE);
    this.#emptied.forEach((slot, index) => void frees.set([CODE.free, slot], index * STRIDE));
    const words = (this.#trace.length + frees.length) * this.#brokenRound;
    if (words === 0 || words > LONGEST_UNROLLED * STRIDE || this.#emptied.includes(NO_SLOT)) return undefined;
    const unrolled = new Uint32Array(words);
    for (let at = 0; at < words; at += this.#trace.length + frees.length) {
      unrolled.set(this.#trace, at);
      unrolled.set(frees, at + this.#trace.length);
    }
    return unrolled;
  }

  #repeat(rounds: number): void {
    this.#runRound();
    if (this.#refusals > 0 || !isRoomy(this.subject.profile, this.#model)) return;
    const mostRounds = LONGEST_REPETITION / Math.max(1, this.#step);
    let settledEnd = 0;
    let growths = 0;
    let steady = 0;
    for (let round = 2; round <= mostRounds && (round <= rounds || this.#model.highestEnd > settledEnd); round++) {
      const { answers } = this;
      growths += this.#runRound() && round > rounds / 2 ? 1 : 0;
      this.#judgeRound(round, growths);
      steady = this.answers === answers ? steady + 1 : 0;
      if (steady === STEADY_ROUNDS) return;
      if (round === rounds >>> 1) settledEnd = this.#model.highestEnd;
    }
  }

  /** Runs the trace once more and frees all. Whether memory grew. */
  #runRound(): boolean {
    const pages = this.#pages;
    this.#round++;
    this.#step = 0;
    this.answers = 0;
    this.#emptying = false;
    this.#runAll(false);
    this.#emptied = this.#model.live.map((block) => (this.#model.at(block.slot) === block ? block.slot : NO_SLOT));
    this.#freeAll();
    return this.#pages > pages;
  }

  #judgeRound(round: number, growths: number): void {
    const law = 'freed-memory-is-reused';
    const answer = `round ${round} of the trace`;
    const allowed = 'memory that was freed, handed out again';
    if (this.#refusals > 0) this.#break(law, `${answer} was refused what the first was given`, allowed);
    if (growths === GROWTHS_OF_A_LEAK) this.#break(law, `${answer} grew memory for the ${growths}rd time`, allowed);
  }

  #begin(trace: Trace): void {
    this.#trace = trace;
    this.#step = 0;
    this.answers = 0;
    this.#refusals = 0;
    this.#emptying = false;
    this.#forgetZeroAnswers();
    this.subject.restart();
    this.#model.startOver();
    this.#contents.attach(this.subject.memory);
    this.#pages = this.#contents.renewedSizeBytes() / PAGE_BYTES;
    this.#predictor?.restart(this.#pages);
  }

  #forgetZeroAnswers(): void {
    const { zeroMalloc, zeroOthers } = this.subject.profile;
    this.#zeroAnswers.fill(zeroMalloc);
    if (zeroOthers?.calloc !== undefined) this.#zeroAnswers[CODE.calloc] = zeroOthers.calloc;
    if (zeroOthers?.realloc !== undefined) this.#zeroAnswers[CODE.realloc] = zeroOthers.realloc;
    if (zeroOthers?.aligned_alloc !== undefined) this.#zeroAnswers[CODE.aligned_alloc] = zeroOthers.aligned_alloc;
  }

  #runAll(everyStep: boolean): void {
    const trace = this.#trace;
    for (let at = 0; at < trace.length; at += STRIDE) {
      this.#step++;
      this.#operate(wordAt(trace, at), wordAt(trace, at + 1), wordAt(trace, at + 2), wordAt(trace, at + 3));
      if (everyStep) this.#judgeEverything();
    }
    this.operations += this.#step;
  }

  /** Verifies every block and every counter after one operation: for naming the operation that did the damage. */
  #judgeEverything(): void {
    this.#sweep();
    this.#judgeCounters('statistics-match-history');
  }

  #operate(code: number, first: number, second: number, third: number): void {
    if (this.#supported[code] !== true) return;
    switch (code) {
      case CODE.malloc:
        return this.#malloc(code, first, second);
      case CODE.free:
        return this.#free(first);
      case CODE.realloc:
        return this.#realloc(first, second);
      case CODE.calloc:
        return this.#calloc(first, second, third);
      case CODE.aligned_alloc:
        return this.#alignedAlloc(first, second, third);
      default:
        return this.#manage(code, first);
    }
  }

  #manage(code: number, operand: number): void {
    switch (code) {
      case CODE.mark:
        return this.#mark();
      case CODE.pop:
        return this.#pop();
      case CODE.reset:
        return this.#reset();
      case CODE.grow:
        return this.#grow(operand);
      case CODE.run:
        return this.#runScript(operand);
    }
  }

  #malloc(code: number, slot: number, sizeBytes: number): void {
    this.#calling = true;
    const pointer = this.subject.malloc(sizeBytes) >>> 0;
    this.#calling = false;
    const expected = this.#predictor?.malloc(sizeBytes);
    this.#place(code, slot, pointer, sizeBytes, this.subject.profile.alignmentBytes, expected);
  }

  #calloc(slot: number, count: number, sizeBytes: number): void {
    this.#calling = true;
    const pointer = this.subject.calloc(count, sizeBytes) >>> 0;
    this.#calling = false;
    const expected = this.#predictor?.calloc(count, sizeBytes);
    const { alignmentBytes } = this.subject.profile;
    const total = count * sizeBytes;
    this.#judgeAnswer(CODE.calloc, pointer, total, alignmentBytes, expected);
    if (pointer !== 0) this.#expectZeroes(pointer, total);
    this.#keep(CODE.calloc, slot, pointer, total, alignmentBytes);
  }

  #alignedAlloc(slot: number, alignmentBytes: number, sizeBytes: number): void {
    const { profile } = this.subject;
    const { leastAlignmentBytes = 1, maximumAlignmentBytes } = profile;
    const isGranted = alignmentBytes >= leastAlignmentBytes && alignmentBytes <= maximumAlignmentBytes;
    const valid = isPowerOfTwo(alignmentBytes) && isGranted;
    if (!valid && profile.exact === undefined) return;
    this.#calling = true;
    const pointer = this.subject.alignedAlloc(alignmentBytes, sizeBytes) >>> 0;
    this.#calling = false;
    const expected = this.#predictor?.alignedAlloc(alignmentBytes, sizeBytes);
    this.#place(CODE.aligned_alloc, slot, pointer, sizeBytes, alignmentBytes, expected);
  }

  #place(
    code: number,
    slot: number,
    pointer: number,
    sizeBytes: number,
    alignmentBytes: number,
    expected: number | undefined,
  ): void {
    this.#judgeAnswer(code, pointer, sizeBytes, alignmentBytes, expected);
    this.#keep(code, slot, pointer, sizeBytes, alignmentBytes);
  }

  /** Everything that can be said of a fresh block, or of its refusal, before its bytes are written. */
  #judgeAnswer(
    code: number,
    pointer: number,
    sizeBytes: number,
    alignmentBytes: number,
    expected: number | undefined,
  ): void {
    this.#note(pointer);
    if (sizeBytes === 0) return this.#judgeZeroSize(code, pointer, alignmentBytes, expected);
    if (pointer === 0) return this.#judgeRefusal(sizeBytes, alignmentBytes, expected);
    this.#judgeRegion(pointer, sizeBytes, alignmentBytes);
    if (!this.#model.claim(pointer, sizeBytes)) this.#overlap(pointer, sizeBytes, alignmentBytes);
    this.#judgeGrowth(sizeBytes, alignmentBytes);
    if (expected !== undefined && expected !== pointer) this.#unexpected(pointer, sizeBytes, expected);
  }

  #judgeZeroSize(code: number, pointer: number, alignmentBytes: number, expected: number | undefined): void {
    const policy = this.#zeroAnswers[code];
    // A full heap says NULL for want of room; and aligned_alloc may answer by the alignment.
    const isForced = pointer === 0 && mayRefuse(this.subject.profile, this.#model, 1, alignmentBytes);
    if (policy === 'unspecified' && code !== CODE.aligned_alloc && !isForced) {
      this.#zeroAnswers[code] = pointer === 0 ? 'null' : 'block';
    }
    if (policy === 'null' && pointer !== 0) {
      this.#break('zero-size-policy-is-constant', `0x${pointer.toString(16)}`, 'NULL, as every time before');
    }
    if (policy === 'block' && pointer === 0 && !isForced) {
      this.#break('zero-size-policy-is-constant', 'NULL', 'a block of no bytes, as every time before');
    }
    if (expected === 0) this.#judgeUnchanged('zero-size-policy-is-constant');
  }

  #judgeRefusal(sizeBytes: number, alignmentBytes: number, expected: number | undefined): void {
    this.#refusals++;
    if (expected !== undefined && expected !== 0) {
      this.#break('refusals-are-honest', 'NULL', `${regionText(expected, sizeBytes)}: the request can be met`);
    }
    if (expected === undefined && !mayRefuse(this.subject.profile, this.#model, sizeBytes, alignmentBytes)) {
      this.#break('refusals-are-honest', 'NULL', `a block: ${this.#room()}`);
    }
    this.#judgeGrowth(sizeBytes, alignmentBytes);
    this.#judgeUnchanged(this.#refusalLaw(sizeBytes));
  }

  /** A refused request leaves every counter, and the size of memory, as it was. */
  #judgeUnchanged(law: LawId): void {
    const changed = this.#wrongCounter();
    if (changed !== undefined) this.#break(law, 'NULL, and a change', 'NULL, and no change', changed);
  }

  #judgeRegion(pointer: number, sizeBytes: number, alignmentBytes: number): void {
    const { arenaStart, arenaEnd } = this.subject.profile;
    if (sizeBytes > arenaEnd - arenaStart) {
      this.#break('impossible-sizes-are-refused', regionText(pointer, sizeBytes), 'NULL', this.#room());
    }
    if (pointer % alignmentBytes !== 0) {
      const answer = regionText(pointer, sizeBytes);
      this.#break('pointers-are-aligned', answer, `${sizeBytes} bytes at a multiple of ${alignmentBytes}`);
    }
    const end = pointer + sizeBytes;
    let memoryBytes = this.#contents.sizeBytes();
    if (end > memoryBytes) memoryBytes = this.#contents.renewedSizeBytes();
    if (pointer < arenaStart || end > arenaEnd || end > memoryBytes) this.#outOfBounds(pointer, sizeBytes, memoryBytes);
  }

  /** Pages grown by the operation, against the bytes it needed. */
  #judgeGrowth(sizeBytes: number, alignmentBytes: number): void {
    const pages = this.#contents.sizeBytes() / PAGE_BYTES;
    if (pages === this.#pages) return;
    const grown = pages - this.#pages;
    // C11 has sizes of aligned_alloc rounded up to the alignment, and so have ABIs that retry with such a size.
    const allowed = this.#allowedGrowth(alignUp(sizeBytes, alignmentBytes) + alignmentBytes);
    this.#pages = pages;
    if (grown > allowed) {
      this.#break('growth-is-proportionate', `memory grew by ${grown} pages`, `at most ${allowed} pages`);
    }
  }

  /** What the contract says memory is now, where there is one; else the pages that hold what was asked for, and slack. */
  #allowedGrowth(needBytes: number): number {
    const expectedPages = this.#predictor?.statistics()['pages'];
    if (expectedPages !== undefined) return expectedPages - this.#pages;
    const { mayGrow, growthSlackPages, growsByShares } = this.subject.profile;
    if (!mayGrow) return 0;
    const needPages = Math.ceil(needBytes / PAGE_BYTES);
    if (growsByShares !== true) return needPages + growthSlackPages;
    return SHARE_OF_NEED * needPages + SHARE_OF_MEMORY * this.#pages + growthSlackPages;
  }

  #expectZeroes(pointer: number, sizeBytes: number): void {
    const offset = this.#contents.firstNonZero(pointer, sizeBytes);
    if (offset < 0) return;
    const byte = this.#contents.byteAt(pointer + offset);
    const but = `the byte at offset ${offset} is 0x${byte.toString(16)}`;
    this.#break('calloc-gives-zeroes', regionText(pointer, sizeBytes), 'a block of zeroes', but);
  }

  /** Takes an answer into the digest of all answers. */
  #note(pointer: number): void {
    this.answers = Math.imul(this.answers ^ pointer, ODD) >>> 0;
  }

  /** Writes the block's bytes and records it; a refusal empties the slot, as the assignment in C would. */
  #keep(code: number, slot: number, pointer: number, sizeBytes: number, alignmentBytes: number): void {
    const reused = pointer !== 0 && pointer + sizeBytes < this.#model.highestEnd;
    this.#see(code, sizeBytes, pointer === 0 ? OUTCOME.refused : reused ? OUTCOME.reused : OUTCOME.fresh);
    if (pointer === 0) {
      this.#model.forget(slot);
      return;
    }
    const seed = Math.imul(this.#step, ODD) ^ pointer ^ this.#salt;
    if (sizeBytes > 0) this.#contents.fill(pointer, 0, sizeBytes, seed);
    this.filledKib += sizeBytes / 1024;
    this.#model.add(slot, pointer, sizeBytes, alignmentBytes, seed, this.#step);
  }

  #free(slot: number): void {
    const block = this.#model.at(slot);
    if (block === undefined) return this.#freeNull();
    this.#verify(block);
    this.#see(CODE.free, block.sizeBytes, OUTCOME.done);
    this.#calling = true;
    this.subject.free(block.pointer, block.sizeBytes, block.alignmentBytes);
    this.#calling = false;
    this.#model.remove(block);
  }

  #freeNull(): void {
    this.#calling = true;
    this.subject.free(0, 0, this.subject.profile.alignmentBytes);
    this.#calling = false;
  }

  #realloc(slot: number, sizeBytes: number): void {
    const block = this.#model.at(slot);
    if (block === undefined) return this.#reallocNull(slot, sizeBytes);
    if (sizeBytes === 0) return this.#reallocZero(block);
    const { pointer: from, sizeBytes: oldBytes } = block;
    this.#calling = true;
    const pointer = this.subject.realloc(from, oldBytes, block.alignmentBytes, sizeBytes) >>> 0;
    this.#calling = false;
    const expected = this.#predictor?.realloc(from, oldBytes, sizeBytes);
    this.#see(CODE.realloc, sizeBytes, reallocOutcome(pointer, from));
    if (pointer === 0) return this.#reallocRefused(block, sizeBytes, expected);
    this.#reallocMoved(block, pointer, sizeBytes, expected);
  }

  #reallocNull(slot: number, sizeBytes: number): void {
    this.#calling = true;
    const pointer = this.subject.realloc(0, 0, this.subject.profile.alignmentBytes, sizeBytes) >>> 0;
    this.#calling = false;
    const expected = this.#predictor?.realloc(0, 0, sizeBytes);
    this.#place(CODE.realloc, slot, pointer, sizeBytes, this.subject.profile.alignmentBytes, expected);
  }

  #reallocZero(block: Block): void {
    const policy = this.subject.profile.zeroRealloc;
    if (policy === 'unspecified') return;
    this.#verify(block);
    this.#calling = true;
    const pointer = this.subject.realloc(block.pointer, block.sizeBytes, block.alignmentBytes, 0) >>> 0;
    this.#calling = false;
    this.#predictor?.realloc(block.pointer, block.sizeBytes, 0);
    this.#note(pointer);
    // One that makes a block of no bytes anew is refused it in a full heap, and the old one lives on.
    if (policy === 'block' && pointer === 0 && mayRefuse(this.subject.profile, this.#model, 1, 1)) return;
    // A block of no bytes is what is asked for already, so that it may stay.
    const stays = block.sizeBytes === 0 && pointer !== 0;
    if (!stays && (policy === 'frees' ? pointer !== 0 : pointer === 0)) {
      const answer = pointer === 0 ? 'NULL' : `0x${pointer.toString(16)}`;
      const allowed = policy === 'frees' ? 'NULL, the block freed' : 'a block of no bytes';
      this.#break('zero-size-policy-is-constant', answer, `${allowed}, as every time before`);
    }
    if (policy === 'frees' && !stays) return this.#model.remove(block);
    this.#model.release(block.pointer, block.sizeBytes);
    this.#model.move(block, pointer, 0, this.subject.profile.alignmentBytes, this.#step);
  }

  #reallocRefused(block: Block, sizeBytes: number, expected: number | undefined): void {
    this.#note(0);
    if (sizeBytes <= block.sizeBytes && this.#mustShrink(block)) {
      this.#break('shrinking-never-fails', 'NULL', `a block of ${sizeBytes} bytes: it holds ${block.sizeBytes} now`);
    }
    const damage = this.#damageOf(block, block.sizeBytes);
    if (damage !== undefined) {
      this.#break('realloc-keeps-the-prefix', 'NULL', 'NULL, the old block as it was', damage, 'same-start');
    }
    this.#judgeRefusal(sizeBytes, block.alignmentBytes, expected);
  }

  /** A block of more alignment than usual may have to be made anew, unless its pointer is promised to stay. */
  #mustShrink(block: Block): boolean {
    const { shrinkingNeverFails, shrinkingKeepsThePointer, alignmentBytes } = this.subject.profile;
    return shrinkingNeverFails && (shrinkingKeepsThePointer || block.alignmentBytes <= alignmentBytes);
  }

  #reallocMoved(block: Block, pointer: number, sizeBytes: number, expected: number | undefined): void {
    const oldBytes = block.sizeBytes;
    const { alignmentBytes } = this.subject.profile;
    this.#note(pointer);
    this.#judgeRegion(pointer, sizeBytes, alignmentBytes);
    this.#model.release(block.pointer, oldBytes);
    block.sizeBytes = 0;
    const claimed = this.#model.claim(pointer, sizeBytes);
    block.sizeBytes = oldBytes;
    if (!claimed) this.#overlap(pointer, sizeBytes, alignmentBytes, block);
    this.#judgePrefix(block, pointer, Math.min(oldBytes, sizeBytes), oldBytes);
    this.#judgeCopyBound(block, pointer, sizeBytes);
    this.#judgeGrowth(sizeBytes, alignmentBytes);
    this.#judgeShrink(block, pointer, sizeBytes);
    if (expected !== undefined && expected !== pointer) this.#unexpected(pointer, sizeBytes, expected);
    this.#contents.fill(pointer, oldBytes, sizeBytes, block.seed);
    this.filledKib += Math.max(0, sizeBytes - oldBytes) / 1024;
    this.#model.move(block, pointer, sizeBytes, alignmentBytes, this.#step);
  }

  #judgePrefix(block: Block, pointer: number, keptBytes: number, oldBytes: number): void {
    const offset = this.#contents.firstDamage(pointer, keptBytes, oldBytes, block.seed);
    if (offset < 0) return;
    const but = this.#damageText(pointer, offset, block.seed);
    const relation = pointer === block.pointer ? 'same-start' : 'none';
    const answer = regionText(pointer, keptBytes);
    this.#break('realloc-keeps-the-prefix', answer, `the first ${keptBytes} bytes as they were`, but, relation);
  }

  /**
   * A copy that reads past the old block takes a neighbour's bytes along. Where no block ever lay, nothing else can have
   * put them; eight bytes, a header behind the old block, are looked at first, for they nearly always differ.
   */
  #judgeCopyBound({ pointer: from, sizeBytes: oldBytes }: Block, pointer: number, sizeBytes: number): void {
    const behind = ((oldBytes + 15) & ~15) + HEADER_BYTES;
    if (behind + TELLING_BYTES > sizeBytes || pointer + oldBytes < this.#model.highestEnd) return;
    if (this.subject.restartsClean !== true || from === pointer) return;
    if (!this.#contents.areEqual(from + behind, pointer + behind, TELLING_BYTES)) return;
    const neighbour = this.#model.overlapping(from + behind, 1);
    if (neighbour === undefined || neighbour.pointer + neighbour.sizeBytes < from + behind + TELLING_BYTES) return;
    const answer = `${regionText(pointer, sizeBytes)}, with bytes of ${ownerText(neighbour)} behind the first ${oldBytes}`;
    this.#break('realloc-keeps-the-prefix', answer, `a copy of the first ${oldBytes} bytes, and of no more`);
  }

  #judgeShrink(block: Block, pointer: number, sizeBytes: number): void {
    if (!this.subject.profile.shrinkingKeepsThePointer) return;
    if (sizeBytes > block.sizeBytes || pointer === block.pointer) return;
    const answer = regionText(pointer, sizeBytes);
    this.#break('agrees-with-the-contract', answer, `${regionText(block.pointer, sizeBytes)}: shrinking never moves`);
  }

  #mark(): void {
    this.#calling = true;
    this.subject.mark();
    this.#calling = false;
    this.#predictor?.mark();
    this.#model.mark();
    this.#judgeCounters('agrees-with-the-contract');
  }

  #pop(): void {
    for (const block of this.#model.sinceMark()) this.#verify(block);
    this.#calling = true;
    const popped = this.subject.pop();
    this.#calling = false;
    const allowed = this.#model.hasMark();
    if (popped !== allowed) {
      this.#break('agrees-with-the-contract', popped ? 'popped' : 'refused', allowed ? 'a pop' : 'a refusal: no mark');
    }
    if (allowed) {
      this.#predictor?.pop();
      this.#model.pop();
    }
    this.#judgeCounters('agrees-with-the-contract');
  }

  #reset(): void {
    this.#sweep();
    this.#calling = true;
    this.subject.reset();
    this.#calling = false;
    this.#predictor?.reset();
    this.#model.clear();
    this.#see(CODE.reset, 0, OUTCOME.done);
    this.#judgeCounters('reset-starts-over');
  }

  #grow(pages: number): void {
    if ((this.#pages + pages) * PAGE_BYTES > this.subject.profile.arenaEnd) return;
    this.#calling = true;
    const grew = this.subject.grow(pages);
    this.#calling = false;
    this.#pages = this.#contents.renewedSizeBytes() / PAGE_BYTES;
    if (grew) this.#predictor?.grown(this.#pages);
    if (grew) this.#noteForeignPages(pages);
    this.#see(CODE.grow, pages, grew ? OUTCOME.grew : OUTCOME.refused);
  }

  #noteForeignPages(pages: number): void {
    const sizeBytes = pages * PAGE_BYTES;
    this.#model.foreignBytes += sizeBytes;
    if (sizeBytes === 0 || this.subject.profile.sparesForeignPages !== true) return;
    const pointer = this.#pages * PAGE_BYTES - sizeBytes;
    const seed = mix(pointer ^ this.#salt);
    this.#contents.fill(pointer, 0, sizeBytes, seed);
    this.#model.addForeign(pointer, sizeBytes, seed, this.#step);
  }

  #runScript(script: number): void {
    this.#calling = true;
    this.subject.run(script);
    this.#calling = false;
    this.#pages = this.#contents.renewedSizeBytes() / PAGE_BYTES;
    this.#sweep();
  }

  #finish(): void {
    this.#sweep();
    this.#judgeCounters('statistics-match-history');
    if (this.subject.profile.coalesces && this.#model.foreignBytes === 0) this.#judgeRecovery();
  }

  /** Frees all, then asks for most of what the trace had used: it must fit again where it was. */
  #judgeRecovery(): void {
    const { profile } = this.subject;
    this.#freeAll();
    const wantBytes = profile.mayGrow ? Math.min(this.#spanBytes(), profile.capacityBytes) : profile.capacityBytes;
    if (wantBytes <= 0) return;
    const pagesBefore = this.#contents.renewedSizeBytes() / PAGE_BYTES;
    this.#calling = true;
    const pointer = this.subject.malloc(wantBytes) >>> 0;
    this.#calling = false;
    const grown = this.#contents.renewedSizeBytes() / PAGE_BYTES - pagesBefore;
    if (pointer !== 0 && grown === 0) return;
    const answer = pointer === 0 ? 'NULL' : `a block, and ${grown} pages more`;
    this.#break(
      'everything-freed-is-everything-available',
      `malloc ${wantBytes} gave ${answer}`,
      'a block in the memory that was freed',
    );
  }

  #freeAll(): void {
    this.#emptying = true;
    for (const block of [...this.#model.live]) {
      this.#verify(block);
      this.#calling = true;
      this.subject.free(block.pointer, block.sizeBytes, block.alignmentBytes);
      this.#calling = false;
      this.#model.remove(block);
    }
  }

  /** A quarter of the span that held the trace's blocks, less a page of tables: free in one piece, buddies included. */
  #spanBytes(): number {
    return Math.floor((this.#model.highestEnd - this.#model.lowestStart) / 4) - 4096;
  }

  /** Verifies every live block. */
  #sweep(): void {
    for (const block of this.#model.live) this.#verify(block);
    for (const block of this.#model.foreign) this.#verify(block);
  }

  #verify(block: Block): void {
    const but = block.sizeBytes === 0 ? undefined : this.#damageOf(block, block.sizeBytes);
    if (but === undefined) return;
    const region = regionText(block.pointer, block.sizeBytes);
    this.#break(
      'bytes-survive-their-neighbours',
      `${region} (${ownerText(block)}, live since step ${block.bornAt}) changed`,
      'no change to a live block that was not given',
      but,
    );
  }

  #damageOf(block: Block, sizeBytes: number): string | undefined {
    const offset = this.#contents.firstDamage(block.pointer, sizeBytes, block.sizeBytes, block.seed);
    return offset < 0 ? undefined : this.#damageText(block.pointer, offset, block.seed);
  }

  #damageText(pointer: number, offset: number, seed: number): string {
    const found = this.#contents.byteAt(pointer + offset).toString(16);
    const wanted = this.#contents.expectedByte(offset, seed).toString(16);
    return `the byte at offset ${offset} is 0x${found}, written was 0x${wanted}`;
  }

  #judgeCounters(law: LawId): void {
    const wrong = this.#wrongCounter();
    if (wrong !== undefined) this.#break(law, wrong, 'the counters that the trace implies');
  }

  /** The first counter that is not what the contract, or the trace, implies. */
  #wrongCounter(): string | undefined {
    const actual = this.subject.statistics();
    if (actual === undefined) return undefined;
    const expected = this.#predictor?.statistics() ?? NO_STATISTICS;
    for (const name in actual) {
      const wanted = this.#impliedByTrace(name) ?? expected[name];
      if (wanted !== undefined && wanted !== actual[name])
        return `${name} is ${actual[name]}, the trace implies ${wanted}`;
    }
    return undefined;
  }

  #impliedByTrace(counter: string): number | undefined {
    switch (counter) {
      case 'liveBlocks':
        return this.#model.live.length;
      case 'liveBytes':
        return this.#model.liveBytes;
      case 'peakDrift':
      case 'inconsistency':
        return 0;
      default:
        return undefined;
    }
  }

  #see(code: number, sizeBytes: number, outcome: Outcome): void {
    this.shapes.see(shapeOf(code, sizeBytes, outcome, this.#model.live.length));
  }

  #refusalLaw(sizeBytes: number): LawId {
    const { arenaStart, arenaEnd } = this.subject.profile;
    return sizeBytes > arenaEnd - arenaStart ? 'impossible-sizes-are-refused' : 'exhaustion-is-reported';
  }

  #room(): string {
    const { arenaStart, arenaEnd } = this.subject.profile;
    return `the arena is ${regionText(arenaStart, arenaEnd - arenaStart)}, ${this.#model.liveBytes} bytes of it live`;
  }

  #overlap(pointer: number, sizeBytes: number, alignmentBytes: number, self?: Block): never {
    const other = this.#overlapped(pointer, sizeBytes, self);
    const allowed = `${sizeBytes} bytes, ${alignmentBytes}-aligned, free of live regions`;
    const but = `${regionText(other.pointer, other.sizeBytes)} is live since step ${other.bornAt} (${ownerText(other)})`;
    this.#break(
      'regions-never-overlap',
      regionText(pointer, sizeBytes),
      allowed,
      but,
      relationOf(pointer, sizeBytes, other),
    );
  }

  #overlapped(pointer: number, sizeBytes: number, self: Block | undefined): Block {
    const others = [...this.#model.live, ...this.#model.foreign].filter(
      (block) => block !== self && block.sizeBytes > 0,
    );
    const other = others.find((block) => relationOverlaps(pointer, sizeBytes, block));
    if (other === undefined) throw new Error('the region map refused a claim that no live block explains');
    return other;
  }

  #outOfBounds(pointer: number, sizeBytes: number, memoryBytes: number): never {
    const { arenaStart, arenaEnd } = this.subject.profile;
    const end = Math.min(arenaEnd, memoryBytes);
    const allowed = `${sizeBytes} bytes within ${regionText(arenaStart, end - arenaStart)}`;
    this.#break('regions-stay-in-bounds', regionText(pointer, sizeBytes), allowed);
  }

  #unexpected(pointer: number, sizeBytes: number, expected: number): never {
    const answer = regionText(pointer, sizeBytes);
    if (expected === 0) this.#break(this.#refusalLaw(sizeBytes), answer, 'NULL: the contract refuses it');
    this.#break('agrees-with-the-contract', answer, `exactly ${regionText(expected, sizeBytes)}`);
  }

  /** What `error` says of the subject; undefined when it was not the subject that threw it. */
  #violationOf(error: unknown): Violation | undefined {
    if (error instanceof Broken) return error.violation;
    return this.#calling ? this.#trapped(error) : undefined;
  }

  #trapped(error: unknown): Violation {
    const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    if (error instanceof FuelExhausted) {
      return this.#violation('operations-end', message, 'an answer within the fuel of one operation');
    }
    return this.#violation(this.#trapLaw(), message, 'an answer, or NULL');
  }

  /** A trap on a request that could not be met is a way of reporting it, and the wrong one. */
  #trapLaw(): LawId {
    const sizeBytes = this.#requestedBytes();
    if (sizeBytes === undefined || this.#emptying) return 'operations-never-trap';
    const { profile } = this.subject;
    if (this.#refusalLaw(sizeBytes) === 'impossible-sizes-are-refused') return 'impossible-sizes-are-refused';
    const mayBeRefused = mayRefuse(profile, this.#model, sizeBytes, this.#requestedAlignment());
    return mayBeRefused ? 'exhaustion-is-reported' : 'operations-never-trap';
  }

  #requestedAlignment(): number {
    const at = (this.#step - 1) * STRIDE;
    return this.#trace[at] === CODE.aligned_alloc ? (this.#trace[at + 2] ?? 1) : 1;
  }

  #requestedBytes(): number | undefined {
    const at = (this.#step - 1) * STRIDE;
    const [code, , second = 0, third = 0] = this.#trace.subarray(at, at + STRIDE);
    if (code === CODE.malloc || code === CODE.realloc) return second;
    if (code === CODE.calloc) return second * third;
    return code === CODE.aligned_alloc ? third : undefined;
  }

  #break(law: LawId, answer: string, allowed: string, but?: string, relation: Relation = 'none'): never {
    throw new Broken(this.#violation(law, answer, allowed, but, relation));
  }

  #violation(law: LawId, answer: string, allowed: string, but?: string, relation: Relation = 'none'): Violation {
    const operation = this.#step === 0 ? undefined : operationAt(this.#trace, this.#step - 1);
    const violation = {
      law,
      step: this.#step,
      kind: operation?.kind ?? 'reset',
      request: operation === undefined ? NO_REQUEST : formatOperation(operation),
      answer: this.#emptying ? `${answer}, when all was freed after the trace` : answer,
      allowed,
      relation,
    };
    return but === undefined ? violation : { ...violation, but };
  }
}

function reallocOutcome(pointer: number, from: number): Outcome {
  if (pointer === 0) return OUTCOME.refused;
  return pointer === from ? OUTCOME.inPlace : OUTCOME.moved;
}

/** The slot that named a block when it was made; pages that the host grew have none. */
function ownerText(block: Block): string {
  return block.slot === NO_SLOT ? "the host's pages" : `%${block.slot}`;
}

function relationOverlaps(pointer: number, sizeBytes: number, block: Block): boolean {
  return block.pointer < pointer + sizeBytes && pointer < block.pointer + block.sizeBytes;
}

/** Whether everything the trace makes can be freed after it, and memory grows by the subject's own doing alone. */
function isRepeatable(trace: Trace): boolean {
  return codesOf(trace).every((code) => code < CODE.mark);
}

/** Whether blocks of one size are all the trace asks for: an allocator that never joins free blocks reuses those. */
function asksForOneSize(trace: Trace): boolean {
  const sizes = new Set<number>();
  for (let at = 0; at < trace.length; at += STRIDE) {
    const code = trace[at];
    if (code === CODE.calloc || code === CODE.aligned_alloc) return false;
    if (code !== CODE.free) sizes.add(wordAt(trace, at + 2));
  }
  return sizes.size <= 1;
}

function codesOf(trace: Trace): number[] {
  return Array.from({ length: trace.length / STRIDE }, (_, index) => wordAt(trace, index * STRIDE));
}

/** The laws whose breach may show long after the operation that did it: damage, and counters. */
const SHOWS_LATE: ReadonlySet<LawId> = new Set<LawId>([
  'bytes-survive-their-neighbours',
  'realloc-keeps-the-prefix',
  'statistics-match-history',
  'impossible-sizes-are-refused',
  'exhaustion-is-reported',
  'zero-size-policy-is-constant',
  'reset-starts-over',
]);

/**
 * Runs `trace`, and when the breach may have shown late runs it again with a full check after each step, so that the
 * violation names the operation that did it.
 */
export function judge(lockstep: Lockstep, trace: Trace): Violation | undefined {
  const violation = lockstep.run(trace);
  if (violation === undefined || !SHOWS_LATE.has(violation.law)) return violation;
  return lockstep.run(trace, 'every-step') ?? violation;
}
