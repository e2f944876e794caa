import type { Bench } from '../bench.ts';
import { allocationsBench } from './allocations.ts';
import { numbersBench } from './numbers.ts';
import { readStringsBench, writeStringsBench } from './strings.ts';

/** The memory interface and the host allocators beside what people use instead. */
export const memoryBench: Bench = {
  about: 'The memory interface beside what people use instead',
  run: () => [numbersBench(), readStringsBench(), writeStringsBench(), allocationsBench()],
};
