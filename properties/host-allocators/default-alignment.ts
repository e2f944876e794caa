/** Blocks asked for by size alone, some thousand from one allocator. */
import { answerTo, broken, type Claim, defineClaim } from '../claim.ts';
import { show } from '../show.ts';

/** After these 8-aligned bytes 768 of the 32768 of a default stack are left. */
const MANY_BLOCKS = 4000;

const DEFAULT_ALIGNMENT = 8;

interface Allocator {
  alloc(size: number): number;
}

/** Every one of many blocks of a byte is 8-aligned when no alignment is given. */
export function alignedByDefault(create: () => Allocator): Claim {
  return defineClaim(`${MANY_BLOCKS} blocks without an alignment`, [], () => {
    const allocator = create();
    for (let block = 1; block <= MANY_BLOCKS; block += 1) {
      const request = `alloc(1), block ${block} of those without an alignment`;
      const ptr = answerTo(request, () => allocator.alloc(1));
      if (ptr % DEFAULT_ALIGNMENT !== 0)
        broken({ request, answer: show(ptr), allowed: 'a multiple of 8, the default' });
    }
  });
}
