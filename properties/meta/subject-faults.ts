/** Faulty allocators, each one realistic defect, with the law that must catch it and the shortest trace that shows it. */
import type { LawId } from '../../fuzz/laws.ts';
import type { Profile } from '../../fuzz/model/profile.ts';
import { FuelExhausted, type Statistics, type Subject } from '../../fuzz/subjects/subject.ts';
import { ARENA_START, type HeapSetting, PAGE_BYTES, PlainHeap, type Region } from './plain-heap.ts';
import { PlainPool } from './plain-pool.ts';

export interface SubjectFault {
  /** What is wrong, in a few words. */
  readonly name: string;
  /** The law it breaks. */
  readonly law: LawId;
  /** A trace that shows it in the fewest operations known, operations parted by semicolons. */
  readonly shown: string;
  /** True when no law but this one ever breaks first: without the law the fault would go unseen, or be misnamed. */
  readonly only?: boolean;
  create(): Subject;
}

/** Four pages that never grow. */
const FIXED: HeapSetting = { initialPages: 4, maximumPages: 4 };

const GROWING: HeapSetting = { initialPages: 1, maximumPages: 16 };

/** A growing heap with these operations alone, so that the shortest trace is of one kind. */
function having(...operations: Profile['operations']): HeapSetting {
  return { ...GROWING, profile: { operations } };
}

/** Free list links that were written into a block, as an allocator with its books in memory does. */
function writeLinks(heap: { readonly memory: WebAssembly.Memory }, pointer: number): void {
  if (pointer + 8 <= heap.memory.buffer.byteLength) new Uint8Array(heap.memory.buffer, pointer, 8).fill(0xa5);
}

export const SUBJECT_FAULTS: readonly SubjectFault[] = [
  {
    name: 'sizes are rounded to 8 bytes where 16 is promised',
    law: 'pointers-are-aligned',
    shown: '%0 = malloc 1; %0 = malloc 1',
    only: true,
    create: () =>
      new (class extends PlainHeap {
        protected override alignment(): number {
          return 8;
        }

        protected override held(sizeBytes: number): number {
          return Math.ceil(sizeBytes / 8) * 8;
        }
      })(),
  },
  {
    name: 'aligned_alloc honours no alignment above 64',
    law: 'pointers-are-aligned',
    shown: '%0 = aligned_alloc 128 1',
    create: () =>
      new (class extends PlainHeap {
        protected override requestedAlignment(alignmentBytes: number): number {
          return Math.min(64, alignmentBytes);
        }
      })(having('aligned_alloc', 'free')),
  },
  {
    name: 'the arena is taken to be as long as memory, though it begins later',
    law: 'regions-stay-in-bounds',
    shown: `%0 = malloc ${PAGE_BYTES - ARENA_START + 1}`,
    only: true,
    create: () =>
      new (class extends PlainHeap {
        protected override find(held: number, alignmentBytes: number): number | undefined {
          const inside = super.find(held, alignmentBytes);
          const last = this.gaps.at(-1);
          if (inside !== undefined || last?.end !== this.endBytes()) return inside;
          const start = Math.ceil(last.start / alignmentBytes) * alignmentBytes;
          return start + held <= last.end + ARENA_START ? start : undefined;
        }
      })(having('malloc', 'free', 'reset')),
  },
  {
    name: 'the first block begins in the header of the heap',
    law: 'regions-stay-in-bounds',
    shown: '%0 = malloc 1',
    create: () =>
      new (class extends PlainHeap {
        override reset(): void {
          super.reset();
          this.gaps = [{ start: ARENA_START - 16, end: this.endBytes() }];
        }
      })(having('malloc', 'free')),
  },
  {
    name: 'a split leaves the last 16 bytes of a large block in the gap behind it',
    law: 'regions-never-overlap',
    shown: '%0 = malloc 241; %0 = malloc 1',
    only: true,
    create: () =>
      new (class extends PlainHeap {
        protected override remainder(gap: Region, region: Region): Region {
          const early = region.end - region.start >= 256 ? 16 : 0;
          return { start: region.end - early, end: gap.end };
        }
      })(having('malloc', 'reset')),
  },
  {
    name: 'realloc grows over a live neighbour',
    law: 'regions-never-overlap',
    shown: '%0 = malloc 1; %1 = malloc 1; %0 = realloc %0 17',
    create: () =>
      new (class extends PlainHeap {
        protected override roomAfter(block: Region): number {
          return Math.max(super.roomAfter(block), block.end + 16);
        }
      })(having('malloc', 'realloc')),
  },
  {
    name: 'free(NULL) frees the oldest block',
    law: 'regions-never-overlap',
    shown: '%0 = malloc 1; free %1; %0 = malloc 1',
    create: () =>
      new (class extends PlainHeap {
        protected override freeNull(): void {
          const [oldest] = this.blocks.values();
          if (oldest !== undefined) this.release(oldest);
        }

        override free(pointer: number): void {
          if (pointer === 0 || this.blocks.has(pointer)) super.free(pointer);
        }
      })(having('malloc', 'free')),
  },
  {
    name: 'free writes its links behind the block',
    law: 'bytes-survive-their-neighbours',
    shown: '%0 = malloc 1; %1 = malloc 1; free %0',
    only: true,
    create: () =>
      new (class extends PlainHeap {
        protected override release(region: Region): void {
          super.release(region);
          if (region.end !== this.endBytes()) writeLinks(this, region.end);
        }
      })({ ...GROWING, profile: { operations: ['malloc', 'free'], coalesces: false } }),
  },
  {
    name: 'calloc zeroes a word too much',
    law: 'bytes-survive-their-neighbours',
    shown: '%0 = malloc 1; %1 = malloc 1; free %0; %0 = calloc 1 13',
    create: () =>
      new (class extends PlainHeap {
        protected override zero(pointer: number, sizeBytes: number): void {
          const end = Math.min(this.endBytes(), pointer + sizeBytes + 4);
          this.bytes(pointer, end).fill(0);
        }
      })(having('malloc', 'free', 'calloc')),
  },
  {
    name: 'shrinking writes the header of the rest where there is none',
    law: 'bytes-survive-their-neighbours',
    shown: '%0 = malloc 1; %1 = malloc 1; %0 = realloc %0 1',
    create: () =>
      new (class extends PlainHeap {
        protected override shrink(pointer: number, block: Region, sizeBytes: number): number {
          super.shrink(pointer, block, sizeBytes);
          writeLinks(this, pointer + this.held(sizeBytes));
          return pointer;
        }
      })(having('malloc', 'realloc')),
  },
  {
    name: 'a block that moves loses the odd bytes at its end',
    law: 'realloc-keeps-the-prefix',
    shown: '%0 = malloc 1; %0 = realloc %0 64497',
    only: true,
    create: () =>
      new (class extends PlainHeap {
        protected override copyBytes(from: number, to: number, sizeBytes: number): void {
          super.copyBytes(from, to, sizeBytes & ~7);
        }
      })(having('malloc', 'realloc')),
  },
  {
    name: 'a refused realloc has written links into the block already',
    law: 'realloc-keeps-the-prefix',
    shown: `%0 = malloc 1; %0 = realloc %0 ${16 * PAGE_BYTES - ARENA_START + 1}`,
    create: () =>
      new (class extends PlainHeap {
        protected override move(pointer: number, sizeBytes: number): number {
          const moved = super.move(pointer, sizeBytes);
          if (moved === 0) writeLinks(this, pointer);
          return moved;
        }
      })(having('malloc', 'realloc')),
  },
  {
    name: 'calloc trusts that memory is zero',
    law: 'calloc-gives-zeroes',
    shown: '%0 = malloc 1; free %0; %0 = calloc 1 1',
    only: true,
    create: () =>
      new (class extends PlainHeap {
        protected override zero(): void {}
      })(having('malloc', 'calloc', 'free')),
  },
  {
    name: 'calloc leaves the last odd byte',
    law: 'calloc-gives-zeroes',
    shown: '%0 = malloc 1; reset; %0 = calloc 1 1',
    create: () =>
      new (class extends PlainHeap {
        protected override zero(pointer: number, sizeBytes: number): void {
          super.zero(pointer, sizeBytes & ~1);
        }
      })(having('malloc', 'calloc', 'reset')),
  },
  {
    name: 'rounding up wraps at 2^32',
    law: 'impossible-sizes-are-refused',
    shown: '%0 = malloc 4294967281',
    only: true,
    create: () =>
      new (class extends PlainHeap {
        protected override held(sizeBytes: number): number {
          return Math.max(16, ((sizeBytes + 15) & ~15) >>> 0);
        }
      })(having('malloc', 'aligned_alloc')),
  },
  {
    name: 'the product of calloc wraps at 2^32',
    law: 'impossible-sizes-are-refused',
    shown: '%0 = calloc 65537 65536',
    create: () =>
      new (class extends PlainHeap {
        protected override product(count: number, sizeBytes: number): number {
          return Math.imul(count, sizeBytes) >>> 0;
        }
      })(having('malloc', 'calloc', 'free')),
  },
  {
    name: 'realloc adds the size to the pointer modulo 2^32',
    law: 'impossible-sizes-are-refused',
    shown: '%0 = malloc 1; %0 = realloc %0 4294966257',
    create: () =>
      new (class extends PlainHeap {
        override realloc(pointer: number, oldSizeBytes: number, alignmentBytes: number, sizeBytes: number): number {
          const end = pointer + this.held(sizeBytes);
          if (pointer !== 0 && end >= 2 ** 32) return pointer;
          return super.realloc(pointer, oldSizeBytes, alignmentBytes, sizeBytes);
        }
      })(having('malloc', 'realloc')),
  },
  {
    name: 'a size that no memory holds is a trap',
    law: 'impossible-sizes-are-refused',
    shown: `%0 = malloc ${16 * PAGE_BYTES - ARENA_START + 1}`,
    create: () =>
      new (class extends PlainHeap {
        protected override refuse(sizeBytes: number): number {
          if (sizeBytes > this.profile.capacityBytes) throw new WebAssembly.RuntimeError('unreachable');
          return 0;
        }
      })(having('malloc', 'free')),
  },
  {
    name: 'memory.grow that is refused is a trap',
    law: 'exhaustion-is-reported',
    shown: `%0 = malloc 1; %0 = malloc ${16 * PAGE_BYTES - ARENA_START - 15}`,
    create: () =>
      new (class extends PlainHeap {
        protected override refuse(sizeBytes: number): number {
          if (sizeBytes <= this.profile.capacityBytes) throw new WebAssembly.RuntimeError('unreachable');
          return 0;
        }
      })(having('malloc', 'free')),
  },
  {
    name: 'a refused request is counted as a block',
    law: 'exhaustion-is-reported',
    shown: `%0 = malloc 1; %0 = malloc ${4 * PAGE_BYTES - ARENA_START - 15}`,
    only: true,
    create: () =>
      new (class extends PlainHeap {
        #refused = 0;

        override reset(): void {
          super.reset();
          this.#refused = 0;
        }

        protected override refuse(sizeBytes: number): number {
          if (sizeBytes <= this.profile.capacityBytes) this.#refused++;
          return 0;
        }

        protected override liveBlocks(): number {
          return super.liveBlocks() + this.#refused;
        }
      })({ ...FIXED, profile: { operations: ['malloc', 'free'] } }),
  },
  {
    name: 'memory never grows',
    law: 'refusals-are-honest',
    shown: `%0 = malloc ${PAGE_BYTES - ARENA_START + 1}`,
    only: true,
    create: () =>
      new (class extends PlainHeap {
        protected override growMemory(): boolean {
          return false;
        }
      })(having('malloc', 'free')),
  },
  {
    name: 'only the first gap is looked at',
    law: 'refusals-are-honest',
    shown: '%0 = malloc 1; %1 = malloc 1; free %0; %0 = malloc 17',
    create: () =>
      new (class extends PlainHeap {
        protected override find(held: number, alignmentBytes: number): number | undefined {
          const gaps = this.gaps;
          this.gaps = gaps.slice(0, 1);
          const found = super.find(held, alignmentBytes);
          this.gaps = gaps;
          return found;
        }

        protected override growFor(): boolean {
          return false;
        }
      })({ ...FIXED, profile: { operations: ['malloc', 'free'] } }),
  },
  {
    name: 'realloc to a smaller size makes a new block first',
    law: 'shrinking-never-fails',
    shown: `%0 = malloc ${4 * PAGE_BYTES - ARENA_START - 15}; %0 = realloc %0 1`,
    only: true,
    create: () =>
      new (class extends PlainHeap {
        protected override shrink(pointer: number, _block: Region, sizeBytes: number): number {
          return this.move(pointer, sizeBytes);
        }
      })({ ...FIXED, profile: { operations: ['malloc', 'realloc'], shrinkingKeepsThePointer: false } }),
  },
  {
    name: 'malloc(0) is NULL the first time and a block from then on',
    law: 'zero-size-policy-is-constant',
    shown: '%0 = malloc 0; %0 = malloc 0',
    only: true,
    create: () =>
      new (class extends PlainHeap {
        #asked = false;

        protected override startOver(): void {
          super.startOver();
          this.#asked = false;
        }

        protected override nothing(): number {
          const answer = this.#asked ? this.allocate(1, 16) : 0;
          this.#asked = true;
          return answer;
        }

        override statistics(): Statistics | undefined {
          return undefined;
        }
      })({ ...GROWING, profile: { operations: ['malloc', 'free'], zeroMalloc: 'unspecified' } }),
  },
  {
    name: 'realloc(p, 0) keeps a block where it promises to free',
    law: 'zero-size-policy-is-constant',
    shown: '%0 = malloc 1; %0 = realloc %0 0',
    create: () =>
      new (class extends PlainHeap {
        protected override reallocZero(pointer: number): number {
          return pointer;
        }
      })(having('malloc', 'realloc')),
  },
  {
    name: 'live bytes are counted as rounded',
    law: 'statistics-match-history',
    shown: '%0 = malloc 1',
    only: true,
    create: () =>
      new (class extends PlainHeap {
        protected override liveBytes(): number {
          let total = 0;
          for (const { start, end } of this.blocks.values()) total += end - start;
          return total;
        }
      })(having('malloc', 'free')),
  },
  {
    name: 'a block that shrinks is counted with its old size',
    law: 'statistics-match-history',
    shown: '%0 = malloc 2; %0 = realloc %0 1',
    create: () =>
      new (class extends PlainHeap {
        protected override shrink(pointer: number, block: Region, sizeBytes: number): number {
          const counted = this.sizes.get(pointer) ?? 0;
          super.shrink(pointer, block, sizeBytes);
          this.sizes.set(pointer, Math.max(counted, sizeBytes));
          return pointer;
        }
      })(having('malloc', 'realloc')),
  },
  {
    name: 'reset forgets to zero the count of blocks',
    law: 'reset-starts-over',
    shown: '%0 = malloc 1; reset',
    only: true,
    create: () =>
      new (class extends PlainHeap {
        #kept = 0;

        override reset(): void {
          this.#kept += this.blocks.size;
          super.reset();
        }

        protected override startOver(): void {
          super.startOver();
          this.#kept = 0;
        }

        protected override liveBlocks(): number {
          return super.liveBlocks() + this.#kept;
        }
      })(having('malloc', 'reset')),
  },
  {
    name: 'a pool keeps its peak over a reset',
    law: 'reset-starts-over',
    shown: '%0 = malloc 1; reset',
    create: () =>
      new (class extends PlainPool {
        override restart(): void {
          super.restart();
          this.peak = 0;
        }

        override reset(): void {
          const { peak } = this;
          super.reset();
          this.peak = peak;
        }
      })(),
  },
  {
    name: 'where a block goes depends on the bytes left in a gap',
    law: 'same-trace-same-answers',
    shown: '%0 = malloc 1; free %0; %0 = malloc 1',
    only: true,
    create: () =>
      new (class extends PlainHeap {
        protected override find(held: number, alignmentBytes: number): number | undefined {
          const found = super.find(held, alignmentBytes);
          const gap = this.gaps.find(({ start, end }) => start === found && start + 256 * held <= end);
          return found === undefined || gap === undefined ? found : found + held * (this.bytes(found, gap.end)[0] ?? 0);
        }
      })({ ...FIXED, profile: { operations: ['malloc', 'free'] } }),
  },
  {
    name: 'the first run of an instance is placed otherwise than the next',
    law: 'same-trace-same-answers',
    shown: '%0 = malloc 1',
    create: () =>
      new (class extends PlainHeap {
        #runs = 0;

        protected override startOver(): void {
          super.startOver();
          if (this.#runs++ > 0) this.occupy({ start: ARENA_START, end: ARENA_START + 16 });
        }
      })(having('malloc')),
  },
  {
    name: 'every 8th block that is freed is lost',
    law: 'freed-memory-is-reused',
    shown: '%0 = malloc 1',
    only: true,
    create: () =>
      new (class extends PlainHeap {
        #freed = 0;

        protected override startOver(): void {
          super.startOver();
          this.#freed = 0;
        }

        override free(pointer: number): void {
          const block = this.blockAt(pointer);
          this.forget(pointer);
          if (++this.#freed % 8 !== 0) this.release(block);
        }
      })({ initialPages: 1, maximumPages: 2, profile: { operations: ['malloc'], coalesces: false } }),
  },
  {
    name: 'free gaps are not joined',
    law: 'everything-freed-is-everything-available',
    shown: '%0 = malloc 1',
    only: true,
    create: () =>
      new (class extends PlainHeap {
        protected override joins(): boolean {
          return false;
        }
      })({ ...FIXED, profile: { operations: ['malloc'] } }),
  },
  {
    name: 'a gap joins the next but not the one before',
    law: 'everything-freed-is-everything-available',
    shown: '%0 = malloc 1; %0 = malloc 1',
    create: () =>
      new (class extends PlainHeap {
        protected override join(index: number): void {
          this.joinNext(index);
        }
      })({ ...FIXED, profile: { operations: ['malloc'] } }),
  },
  {
    name: 'memory grows eight pages at a time',
    law: 'growth-is-proportionate',
    shown: `%0 = malloc ${PAGE_BYTES - ARENA_START + 1}`,
    only: true,
    create: () =>
      new (class extends PlainHeap {
        protected override growthPages(missingBytes: number): number {
          const pages = super.growthPages(missingBytes);
          const room = this.maximumPages - this.endBytes() / PAGE_BYTES;
          return Math.max(pages, Math.min(room, 8));
        }
      })(having('malloc', 'free')),
  },
  {
    name: 'memory doubles whenever it grows',
    law: 'growth-is-proportionate',
    shown: `%0 = malloc ${3 * PAGE_BYTES}; %0 = malloc ${PAGE_BYTES}`,
    create: () =>
      new (class extends PlainHeap {
        protected override growthPages(missingBytes: number): number {
          const pages = super.growthPages(missingBytes);
          const now = this.endBytes() / PAGE_BYTES;
          return Math.max(pages, Math.min(this.maximumPages - now, now));
        }
      })({ ...having('malloc', 'free'), maximumPages: 8 }),
  },
  {
    name: 'a pool moves its last block where it should grow',
    law: 'agrees-with-the-contract',
    shown: '%0 = malloc 1; %0 = realloc %0 1',
    create: () =>
      new (class extends PlainPool {
        protected override resizeLast(pointer: number, newSizeBytes: number): number {
          const kept = this.sizes.get(pointer) ?? 0;
          const moved = this.malloc(newSizeBytes);
          if (moved !== 0) new Uint8Array(this.memory.buffer).copyWithin(moved, pointer, pointer + kept);
          return moved;
        }
      })(),
  },
  {
    name: 'a pool spends a header of 32 bytes',
    law: 'agrees-with-the-contract',
    shown: '%0 = malloc 1',
    create: () =>
      new (class extends PlainPool {
        protected override place(alignmentBytes: number): number {
          return super.place(alignmentBytes) + Math.max(16, alignmentBytes);
        }
      })(),
  },
  {
    name: 'a block that shrinks moves to the lowest gap',
    law: 'agrees-with-the-contract',
    shown: '%0 = malloc 1; %0 = realloc %0 1',
    only: true,
    create: () =>
      new (class extends PlainHeap {
        protected override shrink(pointer: number, block: Region, sizeBytes: number): number {
          const moved = this.move(pointer, sizeBytes);
          return moved === 0 ? super.shrink(pointer, block, sizeBytes) : moved;
        }
      })(having('malloc', 'realloc')),
  },
  {
    name: 'free between two gaps is a trap',
    law: 'operations-never-trap',
    shown: '%0 = malloc 1; %1 = malloc 1; free %0; free %1',
    only: true,
    create: () =>
      new (class extends PlainHeap {
        override free(pointer: number): void {
          const block = this.blocks.get(pointer);
          const before = this.gaps.some(({ end }) => end === block?.start);
          const behind = this.gaps.some(({ start }) => start === block?.end);
          if (before && behind) throw new WebAssembly.RuntimeError('unreachable');
          super.free(pointer);
        }
      })({ ...GROWING, profile: { operations: ['malloc', 'free'], coalesces: false } }),
  },
  {
    name: 'free(NULL) is a trap',
    law: 'operations-never-trap',
    shown: 'free %0',
    create: () =>
      new (class extends PlainHeap {
        protected override freeNull(): void {
          throw new WebAssembly.RuntimeError('memory access out of bounds');
        }
      })(having('malloc', 'free')),
  },
  {
    name: 'the list of gaps becomes a ring when it holds three',
    law: 'operations-end',
    shown: '%0 = malloc 1; %1 = malloc 1; %2 = malloc 1; %3 = malloc 1; free %0; free %2; %0 = malloc 1',
    only: true,
    create: () =>
      new (class extends PlainHeap {
        protected override find(held: number, alignmentBytes: number): number | undefined {
          if (this.gaps.length > 2) throw new FuelExhausted('1000000 instructions were not enough');
          return super.find(held, alignmentBytes);
        }
      })(having('malloc', 'free')),
  },
];
