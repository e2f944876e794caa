/** Resizes blocks of both sides, and judges what became of them. */
import type { Block, HeapModel } from '../model/heap-model.ts';
import type { Predictor } from '../model/predictor.ts';
import { OUTCOME, type Outcome } from '../model/shape.ts';
import { CODE } from '../trace/operation.ts';
import { regionText } from '../violation.ts';
import type { BlockWriter } from './block-writer.ts';
import { judgeCopyBound } from './copy-bound.ts';
import type { Judges } from './judges.ts';
import type { Sides } from './sides.ts';
import type { WatchedSubject } from './watched-subject.ts';

export class Realloc {
  readonly #sides: Sides;
  readonly #model: HeapModel;
  readonly #watched: WatchedSubject;
  readonly #predictor: Predictor | undefined;
  readonly #judges: Judges;
  readonly #writer: BlockWriter;
  readonly #alignmentBytes: number;
  readonly #keepsThePointer: boolean;
  readonly #keepsAlignment: boolean;

  constructor(sides: Sides, judges: Judges, writer: BlockWriter) {
    this.#sides = sides;
    this.#model = sides.model;
    this.#watched = sides.watched;
    this.#predictor = sides.predictor;
    this.#judges = judges;
    this.#writer = writer;
    this.#alignmentBytes = sides.profile.alignmentBytes;
    this.#keepsThePointer = sides.profile.shrinkingKeepsThePointer;
    this.#keepsAlignment = sides.profile.reallocKeepsAlignment === true;
  }

  run(slot: number, sizeBytes: number): void {
    this.#judges.counters.reallocs++;
    const block = this.#model.at(slot);
    if (block === undefined) return this.#resizeNull(slot, sizeBytes);
    if (sizeBytes === 0) return this.#resizeToZero(block);
    const pointer = this.#watched.realloc(block, sizeBytes);
    const expected = this.#predictor?.realloc(block.pointer, block.sizeBytes, sizeBytes);
    this.#sides.see(CODE.realloc, sizeBytes, outcomeOf(pointer, block.pointer));
    this.#judges.answers.note(pointer);
    if (pointer === 0) return this.#judgeRefused(block, sizeBytes, expected);
    this.#move(block, pointer, sizeBytes, expected);
  }

  #resizeNull(slot: number, sizeBytes: number): void {
    const pointer = this.#watched.reallocNull(sizeBytes);
    const expected = this.#predictor?.realloc(0, 0, sizeBytes);
    this.#judges.answers.judge(CODE.realloc, pointer, sizeBytes, this.#alignmentBytes, expected);
    this.#writer.keep(CODE.realloc, slot, pointer, sizeBytes, this.#alignmentBytes);
  }

  #resizeToZero(block: Block): void {
    if (this.#sides.profile.zeroRealloc === 'unspecified') return;
    this.#judges.contents.verify(block);
    const pointer = this.#watched.realloc(block, 0);
    this.#predictor?.realloc(block.pointer, block.sizeBytes, 0);
    this.#judges.answers.note(pointer);
    const fate = this.#judges.zeroSizes.judgeRealloc(block, pointer);
    this.#judges.growth.judge(1, this.#alignmentBytes);
    if (fate === 'lives') return;
    if (fate === 'ended') return this.#model.remove(block);
    this.#model.release(block.pointer, block.sizeBytes);
    this.#model.move(block, pointer, 0, this.#alignmentBytes, this.#sides.progress.step);
  }

  #judgeRefused(block: Block, sizeBytes: number, expected: number | undefined): void {
    const { progress } = this.#sides;
    if (sizeBytes <= block.sizeBytes && this.#mustShrink(block)) {
      const allowed = `a block of ${sizeBytes} bytes: it holds ${block.sizeBytes} now`;
      progress.break('shrinking-never-fails', 'NULL', allowed);
    }
    const damage = this.#judges.contents.damageOf(block);
    if (damage !== undefined) {
      progress.break('realloc-keeps-the-prefix', 'NULL', 'NULL, the old block as it was', damage, 'same-start');
    }
    this.#judges.refusals.judge(sizeBytes, block.alignmentBytes, expected);
  }

  /** A block of more alignment than usual may have to be made anew, unless its pointer is promised to stay. */
  #mustShrink(block: Block): boolean {
    const { shrinkingNeverFails } = this.#sides.profile;
    return shrinkingNeverFails && (this.#keepsThePointer || block.alignmentBytes <= this.#alignmentBytes);
  }

  #move(block: Block, pointer: number, sizeBytes: number, expected: number | undefined): void {
    const { regions, contents, growth, answers } = this.#judges;
    const alignmentBytes = this.#keepsAlignment ? block.alignmentBytes : this.#alignmentBytes;
    regions.judge(pointer, sizeBytes, alignmentBytes);
    this.#model.release(block.pointer, block.sizeBytes);
    regions.claimAnew(block, pointer, sizeBytes, alignmentBytes);
    contents.judgePrefix(block, pointer, Math.min(block.sizeBytes, sizeBytes));
    judgeCopyBound(this.#sides, block, pointer, sizeBytes);
    growth.judge(sizeBytes, alignmentBytes);
    if (pointer !== block.pointer && sizeBytes <= block.sizeBytes) this.#judgeMovedShrink(block, pointer, sizeBytes);
    answers.judgeExpected(pointer, sizeBytes, expected);
    this.#writer.keepMoved(block, pointer, sizeBytes, alignmentBytes);
  }

  #judgeMovedShrink(block: Block, pointer: number, sizeBytes: number): void {
    if (!this.#keepsThePointer) return;
    const allowed = `${regionText(block.pointer, sizeBytes)}: shrinking never moves`;
    this.#sides.progress.break('agrees-with-the-contract', regionText(pointer, sizeBytes), allowed);
  }
}

function outcomeOf(pointer: number, from: number): Outcome {
  if (pointer === 0) return OUTCOME.refused;
  return pointer === from ? OUTCOME.inPlace : OUTCOME.moved;
}
