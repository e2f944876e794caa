/** Pages that memory grew by, against the bytes that were asked for. */
import type { Contents } from '../model/contents.ts';
import { alignUp } from '../model/predictor.ts';
import { pagesText } from '../violation.ts';
import type { Sides } from './sides.ts';

export const PAGE_BYTES = 65536;
/**
 * Memory that grows by a share of itself, or of what is asked for, at most doubles both; twice that is nobody's policy.
 */
const SHARE_OF_NEED = 4;
const SHARE_OF_MEMORY = 2;

export class GrowthJudge {
  readonly #sides: Sides;
  readonly #contents: Contents;
  /** The size of memory after the last operation that was looked at, in bytes. */
  #sizeBytes = 0;
  /** What it was at the start of the run. */
  #firstBytes = 0;

  constructor(sides: Sides) {
    this.#sides = sides;
    this.#contents = sides.contents;
  }

  /** The same in pages. */
  get pages(): number {
    return this.#sizeBytes / PAGE_BYTES;
  }

  /** Memory is as large as it was at the start of the run. */
  get isUngrown(): boolean {
    return this.#contents.sizeBytes() === this.#firstBytes;
  }

  /** What memory grew by since, in bytes. */
  get grownBytes(): number {
    return this.#contents.sizeBytes() - this.#sizeBytes;
  }

  /** Takes memory as it is at the start of a run. */
  startOver(): void {
    this.renew();
    this.#firstBytes = this.#sizeBytes;
  }

  /** Takes memory as it is now: the host may have grown it. */
  renew(): void {
    this.#sizeBytes = this.#contents.renewedSizeBytes();
  }

  /** Judges what memory grew by for a request of `sizeBytes` bytes at `alignmentBytes`. */
  judge(sizeBytes: number, alignmentBytes: number): void {
    const memoryBytes = this.#contents.sizeBytes();
    if (memoryBytes !== this.#sizeBytes) this.#judgeGrown(memoryBytes, sizeBytes, alignmentBytes);
  }

  #judgeGrown(memoryBytes: number, sizeBytes: number, alignmentBytes: number): void {
    const grown = memoryBytes / PAGE_BYTES - this.pages;
    // C11 has sizes of aligned_alloc rounded up to the alignment, and so have ABIs that retry with such a size.
    const allowed = this.#allowedGrowth(alignUp(sizeBytes, alignmentBytes) + alignmentBytes);
    this.#sizeBytes = memoryBytes;
    if (grown <= allowed) return;
    const answer = `memory grew by ${pagesText(grown)}`;
    this.#sides.progress.break('growth-is-proportionate', answer, `at most ${pagesText(allowed)}`);
  }

  /** What the contract says memory is now, where there is one; else the pages that hold what was asked for, and slack. */
  #allowedGrowth(needBytes: number): number {
    const expectedPages = this.#sides.predictor?.statistics()['pages'];
    if (expectedPages !== undefined) return expectedPages - this.pages;
    const { mayGrow, growthSlackPages, growsByShares } = this.#sides.profile;
    if (!mayGrow) return 0;
    const needPages = Math.ceil(needBytes / PAGE_BYTES);
    if (growsByShares !== true) return needPages + growthSlackPages;
    return SHARE_OF_NEED * needPages + SHARE_OF_MEMORY * this.pages + growthSlackPages;
  }
}
