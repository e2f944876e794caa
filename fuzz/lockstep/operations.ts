/** Carries out the operations of a trace on both sides, and has what the subject answered judged. */
import type { LawId } from '../laws.ts';
import type { HeapModel } from '../model/heap-model.ts';
import { isPowerOfTwo, type Predictor } from '../model/predictor.ts';
import { OUTCOME } from '../model/shape.ts';
import { CODE, OPERATION_KINDS } from '../trace/operation.ts';
import type { BlockWriter } from './block-writer.ts';
import { PAGE_BYTES } from './growth-judge.ts';
import type { Judges } from './judges.ts';
import { Realloc } from './realloc.ts';
import type { Sides } from './sides.ts';
import type { WatchedSubject } from './watched-subject.ts';

export class Operations {
  readonly #sides: Sides;
  readonly #model: HeapModel;
  readonly #watched: WatchedSubject;
  readonly #predictor: Predictor | undefined;
  readonly #judges: Judges;
  readonly #writer: BlockWriter;
  readonly #realloc: Realloc;
  readonly #alignmentBytes: number;
  readonly #supported: readonly boolean[];
  /** What counters are under after a mark and a pop, which only some contracts have. */
  readonly #countersLaw: LawId;

  constructor(sides: Sides, judges: Judges, writer: BlockWriter) {
    this.#sides = sides;
    this.#model = sides.model;
    this.#watched = sides.watched;
    this.#predictor = sides.predictor;
    this.#judges = judges;
    this.#writer = writer;
    this.#realloc = new Realloc(sides, judges, writer);
    this.#alignmentBytes = sides.profile.alignmentBytes;
    this.#countersLaw = sides.profile.exact === undefined ? 'statistics-match-history' : 'agrees-with-the-contract';
    this.#supported = OPERATION_KINDS.map((kind) => sides.profile.operations.includes(kind));
  }

  /** Carries out the operation with `code`; one that the subject does not have is skipped. */
  run(code: number, first: number, second: number, third: number): void {
    if (this.#supported[code] !== true) return;
    switch (code) {
      case CODE.malloc:
        return this.#malloc(first, second);
      case CODE.free:
        return this.#free(first);
      case CODE.realloc:
        return this.#realloc.run(first, second);
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

  #malloc(slot: number, sizeBytes: number): void {
    const pointer = this.#watched.malloc(sizeBytes);
    const expected = this.#predictor?.malloc(sizeBytes);
    this.#judges.answers.judge(CODE.malloc, pointer, sizeBytes, this.#alignmentBytes, expected);
    this.#writer.keep(CODE.malloc, slot, pointer, sizeBytes, this.#alignmentBytes);
  }

  #calloc(slot: number, count: number, sizeBytes: number): void {
    const pointer = this.#watched.calloc(count, sizeBytes);
    const expected = this.#predictor?.calloc(count, sizeBytes);
    const total = count * sizeBytes;
    this.#judges.answers.judge(CODE.calloc, pointer, total, this.#alignmentBytes, expected);
    if (pointer !== 0) this.#judges.contents.judgeZeroes(pointer, total);
    this.#writer.keep(CODE.calloc, slot, pointer, total, this.#alignmentBytes);
  }

  #alignedAlloc(slot: number, alignmentBytes: number, sizeBytes: number): void {
    const { leastAlignmentBytes = 1, maximumAlignmentBytes, exact } = this.#sides.profile;
    const isGranted = alignmentBytes >= leastAlignmentBytes && alignmentBytes <= maximumAlignmentBytes;
    const isValid = isPowerOfTwo(alignmentBytes) && isGranted;
    if (!isValid && exact === undefined) return;
    const pointer = this.#watched.alignedAlloc(alignmentBytes, sizeBytes);
    const expected = this.#predictor?.alignedAlloc(alignmentBytes, sizeBytes);
    this.#judges.answers.judge(CODE.aligned_alloc, pointer, sizeBytes, alignmentBytes, expected);
    this.#writer.keep(CODE.aligned_alloc, slot, pointer, sizeBytes, alignmentBytes);
  }

  #free(slot: number): void {
    const block = this.#model.at(slot);
    if (block === undefined) return this.#watched.freeNull();
    this.#judges.contents.verify(block);
    this.#sides.see(CODE.free, block.sizeBytes, OUTCOME.done);
    this.#watched.free(block);
    this.#model.remove(block);
  }

  #mark(): void {
    this.#watched.mark();
    if (this.#sides.subject.hasRefusedMark === true) return;
    this.#predictor?.mark();
    this.#model.mark();
    this.#judges.counters.judge(this.#countersLaw);
  }

  #pop(): void {
    for (const block of this.#model.sinceMark()) this.#judges.contents.verify(block);
    const popped = this.#watched.pop();
    const allowed = this.#model.hasMark();
    if (popped !== allowed) {
      const answer = popped ? 'popped' : 'refused';
      this.#sides.progress.break('agrees-with-the-contract', answer, allowed ? 'a pop' : 'a refusal: no mark');
    }
    if (allowed) {
      this.#predictor?.pop();
      this.#model.pop();
    }
    this.#judges.counters.judge(this.#countersLaw);
  }

  #reset(): void {
    this.#judges.contents.sweep();
    this.#watched.reset();
    this.#predictor?.reset();
    this.#model.reset();
    this.#judges.counters.reset();
    this.#sides.see(CODE.reset, 0, OUTCOME.done);
    this.#judges.counters.judge('reset-starts-over');
  }

  #grow(pages: number): void {
    const { growth } = this.#judges;
    if ((growth.pages + pages) * PAGE_BYTES > this.#sides.profile.arenaEnd) return;
    const grew = this.#watched.grow(pages);
    growth.renew();
    if (grew) this.#predictor?.grown(growth.pages);
    if (grew) this.#noteForeignPages(pages);
    this.#sides.see(CODE.grow, pages, grew ? OUTCOME.grew : OUTCOME.refused);
  }

  #noteForeignPages(pages: number): void {
    const sizeBytes = pages * PAGE_BYTES;
    this.#model.foreignBytes += sizeBytes;
    if (sizeBytes === 0 || this.#sides.profile.sparesForeignPages !== true) return;
    this.#writer.keepForeign(this.#judges.growth.pages * PAGE_BYTES - sizeBytes, sizeBytes);
  }

  #runScript(script: number): void {
    this.#watched.run(script);
    this.#judges.growth.renew();
    this.#judges.contents.sweep();
  }
}
