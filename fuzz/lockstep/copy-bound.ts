/** A copy that reads past the old block, and so takes a neighbour's bytes along. */
import type { Block } from '../model/heap-model.ts';
import { regionText } from '../violation.ts';
import { ownerText } from './arena-text.ts';
import type { Sides } from './sides.ts';

/** Nearly every allocator has 16 bytes or fewer before a block. */
const HEADER_BYTES = 16;
/** Bytes of a pattern that are the same by chance once in 2^64 times. */
const TELLING_BYTES = 8;

/**
 * Judges whether the block at `pointer` holds more of where `block` lay than its bytes. Where no block ever lay, nothing
 * else can have put them there; eight bytes, a header behind the old block, are looked at first, for they nearly always
 * differ.
 */
export function judgeCopyBound(sides: Sides, block: Block, pointer: number, sizeBytes: number): void {
  const behind = ((block.sizeBytes + 15) & ~15) + HEADER_BYTES;
  if (behind + TELLING_BYTES > sizeBytes || pointer + block.sizeBytes < sides.model.highestEnd) return;
  const { subject, profile } = sides;
  if (subject.restartsClean !== true || profile.reallocCopiesFreely === true || block.pointer === pointer) return;
  if (!sides.contents.areEqual(block.pointer + behind, pointer + behind, TELLING_BYTES)) return;
  judgeOwner(sides, block, pointer, sizeBytes, block.pointer + behind);
}

/** Breaks the law when the bytes at `copied` are another block's: what nobody owns may lie anywhere else as well. */
function judgeOwner(sides: Sides, block: Block, pointer: number, sizeBytes: number, copied: number): void {
  const owner = sides.model.overlapping(copied, 1);
  if (owner === undefined || owner.pointer + owner.sizeBytes < copied + TELLING_BYTES) return;
  const region = regionText(pointer, sizeBytes);
  const answer = `${region}, with bytes of ${ownerText(owner)} behind the first ${block.sizeBytes}`;
  const allowed = `a copy of the first ${block.sizeBytes} bytes, and of no more`;
  sides.progress.break('realloc-keeps-the-prefix', answer, allowed);
}
