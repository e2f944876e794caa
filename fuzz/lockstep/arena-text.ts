/** The arena, and who has what of it, in the words of a report. */
import { type Block, type HeapModel, NO_SLOT } from '../model/heap-model.ts';
import type { Profile } from '../model/profile.ts';
import { regionText } from '../violation.ts';

/** The slot that named a block when it was made; pages that the host grew have none. */
export function ownerText(block: Block): string {
  return block.slot === NO_SLOT ? "the host's pages" : `%${block.slot}`;
}

/** How large the arena is, and how much of it is taken; of a pool, how many blocks. */
export function roomText({ arenaStart, arenaEnd, guaranteedBlocks }: Profile, model: HeapModel): string {
  if (guaranteedBlocks !== undefined) return `${model.live.length} blocks live, and there are ${guaranteedBlocks}`;
  return `the arena is ${regionText(arenaStart, arenaEnd - arenaStart)}, ${model.liveBytes} bytes of it live`;
}
