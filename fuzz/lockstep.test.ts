import { describe, expect, it } from 'vitest';
import { type HeapSetting, PlainHeap } from '../properties/meta/plain-heap.ts';
// Subclassed here, which what stands in `src/index.ts` need not allow.
import { HostStackAllocator } from '../src/host-stack-allocator.ts';
import { judge, Lockstep } from './lockstep.ts';
import { HostBumpSubject } from './subjects/host-bump.ts';
import { HostStackSubject } from './subjects/host-stack.ts';
import { HOST_IMPLEMENTATION } from './subjects/implementation.ts';
import { parseTrace } from './trace/text.ts';
import type { Trace } from './trace/trace.ts';

function trace(lines: string): Trace {
  return parseTrace(`# heaplaw trace 1\n${lines.split('; ').join('\n')}`).trace;
}

/** A heap whose next block lies where `next` says. */
class Told extends PlainHeap {
  next = 0;

  override malloc(): number {
    return this.next;
  }
}

const BASE = 1040;

describe('the message of a violation', () => {
  it('of an overlap names request, answer, what is allowed and the block in the way', () => {
    const heap = new (class extends PlainHeap {
      protected override occupy(): void {}
    })();
    expect(new Lockstep(heap).run(trace('%0 = malloc 16; %2 = aligned_alloc 16 24'))).toEqual({
      law: 'regions-never-overlap',
      step: 2,
      kind: 'aligned_alloc',
      request: '%2 = aligned_alloc 16 24',
      answer: '0x410..0x428',
      allowed: '24 bytes, 16-aligned, free of live regions',
      but: '0x410..0x420 is live since step 1 (%0)',
      relation: 'same-start',
    });
  });

  it('of what was wrong before any request says so', () => {
    class TopIsZero extends HostStackAllocator {
      override get top(): number {
        return 0;
      }
    }
    const stack = new HostStackSubject({ ...HOST_IMPLEMENTATION, HostStackAllocator: TopIsZero });
    expect(new Lockstep(stack).run(trace(''))).toMatchObject({
      law: 'statistics-match-history',
      step: 0,
      request: 'none yet: as it was made',
      answer: 'top is 0, the trace implies 32768',
    });
  });

  it('of a counter that is wrong once all was freed says that it was', () => {
    const heap = new (class extends PlainHeap {
      override statistics(): Record<string, number> {
        const { liveBlocks = 0 } = super.statistics() ?? {};
        return { liveBlocks: this.#hasFreed ? liveBlocks + 1 : liveBlocks };
      }

      override free(pointer: number): void {
        super.free(pointer);
        this.#hasFreed = true;
      }

      #hasFreed = false;
    })();
    expect(new Lockstep(heap).run(trace('%0 = malloc 16'))).toMatchObject({
      law: 'statistics-match-history',
      // A free did it, whatever the trace ends with: a shorter trace that ends otherwise is the same finding.
      kind: 'free',
      request: '%0 = malloc 16',
      answer: 'liveBlocks is 1, the trace implies 0, when all was freed after the trace',
    });
  });

  it('of a pointer out of line names the alignment promised', () => {
    const heap = new Told();
    heap.next = BASE + 8;
    expect(new Lockstep(heap).run(trace('%0 = malloc 4'))).toMatchObject({
      law: 'pointers-are-aligned',
      answer: '0x418..0x41c',
      allowed: '4 bytes at a multiple of 16',
    });
  });

  it.each([
    { where: 'before the arena', next: 1024 },
    { where: 'behind memory', next: 65536 },
  ])('of a block $where names the bounds', ({ next }) => {
    const heap = new Told();
    heap.next = next;
    expect(new Lockstep(heap).run(trace('%0 = malloc 4'))).toMatchObject({
      law: 'regions-stay-in-bounds',
      allowed: '4 bytes within 0x410..0x10000',
    });
  });

  it('of damage names the block, the byte, what was written and what is there', () => {
    const heap = new (class extends PlainHeap {
      protected override freeNull(): void {
        this.bytes(BASE + 3, BASE + 4).fill(0);
      }
    })();
    const violation = judge(new Lockstep(heap), trace('%0 = malloc 4; free %1; %1 = malloc 4; %1 = malloc 4'));
    expect(violation).toMatchObject({ law: 'bytes-survive-their-neighbours', step: 2, request: 'free %1' });
    expect(violation?.answer).toBe('0x410..0x414 (%0, live since step 1) changed');
    expect(violation?.but).toMatch(/^the byte at offset 3 is 0x0, written was 0x[0-9a-f]{1,2}$/);
  });

  it('of a dishonest refusal names the room there is', () => {
    const violation = new Lockstep(new Told()).run(trace('%0 = malloc 8'));
    expect(violation).toMatchObject({ law: 'refusals-are-honest', answer: 'NULL' });
    expect(violation?.allowed).toBe('a block: the arena is 0x410..0x100000, 0 bytes of it live');
  });

  it('of damage done when all is freed says so', () => {
    const heap = new (class extends PlainHeap {
      override free(): void {
        throw new WebAssembly.RuntimeError('unreachable');
      }
    })();
    expect(new Lockstep(heap).run(trace('%0 = malloc 8'))).toMatchObject({
      law: 'operations-never-trap',
      answer: 'RuntimeError: unreachable, when all was freed after the trace',
    });
  });

  it('of something thrown that is no error is its text', () => {
    const heap = new (class extends PlainHeap {
      protected override freeNull(): void {
        throw 'a foreign thing';
      }
    })();
    expect(new Lockstep(heap).run(trace('free %0'))?.answer).toBe('a foreign thing');
  });
});

describe('a trap', () => {
  class Trapping extends PlainHeap {
    protected override refuse(): number {
      throw new WebAssembly.RuntimeError('unreachable');
    }
  }
  // 16 pages less the 1040 bytes before the arena.
  const ALL = 16 * 65536 - BASE;

  it.each([
    {
      how: 'malloc of one byte when all is taken',
      lines: `%0 = malloc ${ALL}; %1 = malloc 1`,
      law: 'exhaustion-is-reported',
    },
    {
      how: 'realloc when all is taken',
      lines: `%0 = malloc ${ALL - 16}; %1 = malloc 1; %1 = realloc %1 17`,
      law: 'exhaustion-is-reported',
    },
    { how: 'calloc when all is taken', lines: `%0 = malloc ${ALL}; %1 = calloc 1 1`, law: 'exhaustion-is-reported' },
    {
      how: 'an alignment that takes more than there is',
      lines: `%0 = malloc ${ALL - 4096}; %1 = aligned_alloc 65536 1`,
      law: 'exhaustion-is-reported',
    },
    { how: 'a size beyond the arena', lines: '%0 = malloc 4294967295', law: 'impossible-sizes-are-refused' },
    { how: 'a product beyond 2^32', lines: '%0 = calloc 65536 65536', law: 'impossible-sizes-are-refused' },
  ])('at $how is reported as $law', ({ lines, law }) => {
    expect(new Lockstep(new Trapping()).run(trace(lines))?.law).toBe(law);
  });
});

describe('growth', () => {
  it('of a request that is refused is its own, not that of the next', () => {
    const heap = new (class extends PlainHeap {
      protected override refuse(): number {
        if (this.endBytes() < 10 * 65536) this.release({ start: this.endBytes(), end: this.grown(8) });
        return 0;
      }

      private grown(pages: number): number {
        this.memory.grow(pages);
        return this.endBytes();
      }
    })();
    expect(
      new Lockstep(heap).run(trace(`%0 = malloc 1; %0 = malloc ${16 * 65536 - BASE}; %1 = malloc 1`)),
    ).toBeUndefined();
  });
});

describe('a refusal', () => {
  it('is honest when pages are handed out whole, and every block above a slab had one', () => {
    const heap = new (class extends PlainHeap {
      protected override held(sizeBytes: number): number {
        return sizeBytes > 2048 ? Math.ceil(sizeBytes / 65536) * 65536 : super.held(sizeBytes);
      }
    })({ initialPages: 16, maximumPages: 16, profile: { coalesces: false, zeroMalloc: 'null' } });
    const lines = Array.from({ length: 16 }, (_, slot) => `%${slot} = malloc 2049`).join('; ');
    expect(new Lockstep(heap).run(trace(lines))).toBeUndefined();
  });
});

describe('growth for blocks of no bytes', () => {
  /** A page for each block, of however few bytes. */
  class Pages extends PlainHeap {
    constructor(pages: number) {
      super({
        initialPages: 1,
        maximumPages: 16,
        profile: { zeroMalloc: 'block', zeroRealloc: 'block', growthSlackPages: 0 },
      });
      this.grown = pages;
    }

    readonly grown: number;

    override malloc(sizeBytes: number): number {
      this.memory.grow(this.grown);
      return super.malloc(Math.max(1, sizeBytes));
    }
  }

  it('is that for one byte, each time', () => {
    const lines = trace('%0 = malloc 0; %1 = malloc 0; %2 = malloc 0; %3 = malloc 1');
    expect(new Lockstep(new Pages(1)).run(lines)?.law).not.toBe('growth-is-proportionate');
    expect(new Lockstep(new Pages(2)).run(lines)).toMatchObject({ law: 'growth-is-proportionate', step: 1 });
  });
});

describe('growth by shares', () => {
  class Greedy extends PlainHeap {
    readonly #pages: number;

    constructor(pages: number) {
      super({ initialPages: 1, maximumPages: 16, profile: { growsByShares: true, growthSlackPages: 0 } });
      this.#pages = pages;
    }

    override malloc(sizeBytes: number): number {
      this.memory.grow(this.#pages);
      return super.malloc(sizeBytes);
    }
  }

  it('may be four times what is needed and twice what there is, and no more', () => {
    const lines = trace('%0 = malloc 1; %1 = malloc 1');
    expect(new Lockstep(new Greedy(6)).run(trace('%0 = malloc 1'))?.law).not.toBe('growth-is-proportionate');
    expect(new Lockstep(new Greedy(7)).run(lines)).toMatchObject({ law: 'growth-is-proportionate', step: 1 });
  });
});

describe('a lockstep', () => {
  it('skips operations that the subject does not have', () => {
    const lockstep = new Lockstep(new PlainHeap());
    expect(lockstep.run(trace('mark; pop; run 1; grow 1; %0 = malloc 1; write_i32 0x0 0x0'))).toBeUndefined();
    expect(lockstep.operations).toBe(6);
  });

  it('gives the same answers for the same trace, whatever the bytes written', () => {
    const lines = trace(
      '%0 = malloc 100; %1 = malloc 9; free %0; %2 = calloc 3 7; %1 = realloc %1 4000; %3 = malloc 0',
    );
    const [plain, salted] = [new Lockstep(new PlainHeap()), new Lockstep(new PlainHeap(), 99)];
    expect([plain.run(lines), salted.run(lines)]).toEqual([undefined, undefined]);
    expect(salted.answers).toBe(plain.answers);
    expect(plain.run(lines)).toBeUndefined();
    expect(salted.answers).toBe(plain.answers);
  });

  it('takes no error of its own for one of the subject', () => {
    const heap = new PlainHeap();
    heap.statistics = () => {
      throw new Error('a defect of the harness');
    };
    expect(() => new Lockstep(heap).run(trace('%0 = malloc 1'))).toThrow('a defect of the harness');
  });

  it('judges a zero realloc that keeps a block, where the profile says so', () => {
    class Keeping extends PlainHeap {
      protected override reallocZero(pointer: number): number {
        return pointer;
      }

      override statistics(): undefined {
        return undefined;
      }
    }
    const setting = { initialPages: 1, maximumPages: 16, profile: { zeroRealloc: 'block', coalesces: false } } as const;
    const lines = trace('%0 = malloc 9; %0 = realloc %0 0; %0 = realloc %0 5; free %0');
    expect(new Lockstep(new Keeping(setting)).run(lines)).toBeUndefined();
    const freeing = new Lockstep(new PlainHeap(setting)).run(lines);
    expect(freeing).toMatchObject({ law: 'zero-size-policy-is-constant', answer: 'NULL' });
  });

  it('takes NULL for a block of no bytes made anew where a heap that is full may refuse it, and keeps the old one', () => {
    class Refusing extends PlainHeap {
      protected override reallocZero(): number {
        return 0;
      }
    }
    const profile = { zeroRealloc: 'block', coalesces: false } as const;
    const judged = (capacityBytes: number) => {
      const setting = { initialPages: 1, maximumPages: 16, profile: { ...profile, capacityBytes } };
      return new Lockstep(new Refusing(setting)).run(trace('%0 = malloc 9; %0 = realloc %0 0; free %0'));
    };
    expect(judged(66_000)).toBeUndefined();
    expect(judged(1_000_000)).toMatchObject({ law: 'zero-size-policy-is-constant', answer: 'NULL' });
  });

  it('holds each function to its own answer for 0 bytes where the profile says so', () => {
    class Apart extends PlainHeap {
      override alignedAlloc(alignmentBytes: number, sizeBytes: number): number {
        return super.alignedAlloc(alignmentBytes, Math.max(1, sizeBytes));
      }
    }
    const judged = (profile: Partial<PlainHeap['profile']>) => {
      const lockstep = new Lockstep(new Apart({ initialPages: 1, maximumPages: 16, profile }));
      return lockstep.run(trace('%0 = malloc 0; %1 = aligned_alloc 32 0; %2 = malloc 0; %3 = aligned_alloc 32 0'));
    };
    expect(judged({})?.law).toBe('zero-size-policy-is-constant');
    expect(judged({ zeroOthers: { aligned_alloc: 'block' } })?.law).not.toBe('zero-size-policy-is-constant');
    expect(judged({ zeroOthers: { aligned_alloc: 'null' } })?.law).toBe('zero-size-policy-is-constant');
  });

  it('asks for no alignment below the least', () => {
    const profile = { leastAlignmentBytes: 32 };
    const heap = new PlainHeap({ initialPages: 1, maximumPages: 16, profile });
    const alignments: number[] = [];
    heap.alignedAlloc = (alignmentBytes) => alignments.push(alignmentBytes) * 0;
    new Lockstep(heap).run(trace('%0 = aligned_alloc 16 9; %0 = aligned_alloc 32 9'));
    expect(alignments).toEqual([32]);
  });

  it('leaves a zero realloc alone where nothing is promised of it', () => {
    const setting = { initialPages: 1, maximumPages: 16, profile: { zeroRealloc: 'unspecified' } } as const;
    expect(new Lockstep(new PlainHeap(setting)).run(trace('%0 = malloc 9; %0 = realloc %0 0'))).toBeUndefined();
  });

  it('asks for one answer to malloc(0)', () => {
    const setting = { initialPages: 1, maximumPages: 16, profile: { zeroMalloc: 'block' } } as const;
    const violation = new Lockstep(new PlainHeap(setting)).run(trace('%0 = malloc 0'));
    expect(violation).toMatchObject({ answer: 'NULL', allowed: 'a block of no bytes, as every time before' });
  });

  it('judges what calloc makes of a size of zero by what calloc made of it before', () => {
    const answers = [0, BASE];
    class Wavering extends PlainHeap {
      override calloc(): number {
        return answers.shift() ?? 0;
      }
    }
    const profile = { zeroOthers: { calloc: 'unspecified' } } as const;
    const wavering = new Wavering({ initialPages: 1, maximumPages: 16, profile });
    const violation = new Lockstep(wavering).run(trace('%0 = calloc 0 9; %1 = malloc 0; %2 = calloc 9 0'));
    expect(violation).toMatchObject({ law: 'zero-size-policy-is-constant', step: 3 });
  });

  it('lets aligned_alloc make of a size of zero what it likes', () => {
    const answers = [BASE, 0, BASE];
    class Wavering extends PlainHeap {
      override alignedAlloc(): number {
        return answers.shift() ?? 0;
      }

      override statistics(): undefined {
        return undefined;
      }

      override free(): void {}
    }
    const profile = { coalesces: false, zeroOthers: { aligned_alloc: 'unspecified' } } as const;
    const apart = { initialPages: 1, maximumPages: 16, profile };
    const lines = '%0 = aligned_alloc 16 0; %1 = malloc 0; %1 = aligned_alloc 16 0; %2 = aligned_alloc 16 0';
    expect(new Lockstep(new Wavering(apart)).run(trace(lines))).toBeUndefined();
  });

  it('takes no NULL of a full heap for what it makes of a size of zero', () => {
    class Giving extends PlainHeap {
      override calloc(count: number, sizeBytes: number): number {
        return super.calloc(1, Math.max(1, count * sizeBytes));
      }

      override statistics(): undefined {
        return undefined;
      }
    }
    const profile = { coalesces: false, zeroOthers: { calloc: 'unspecified' } } as const;
    const fixed = { initialPages: 2, maximumPages: 2, profile };
    const lines = `%0 = malloc ${2 * 65536 - BASE}; %1 = calloc 0 0; free %0; %1 = calloc 0 0`;
    expect(new Lockstep(new Giving(fixed)).run(trace(lines))).toBeUndefined();
  });

  it('unrolls a repetition that broke another law into one trace that breaks it, too', () => {
    class Slipping extends PlainHeap {
      private mallocs = 0;

      override restart(): void {
        super.restart();
        this.mallocs = 0;
      }

      override malloc(sizeBytes: number): number {
        const pointer = super.malloc(sizeBytes);
        return ++this.mallocs === 20 ? pointer + 8 : pointer;
      }
    }
    const lockstep = new Lockstep(new Slipping());
    expect(lockstep.runRepeated(trace('%0 = malloc 1; %1 = malloc 2; free %1'), 64)).toBeUndefined();
    const unrolled = lockstep.unrolled() ?? trace('');
    expect(lockstep.run(unrolled)).toMatchObject({ law: 'pointers-are-aligned', step: 38 });
    expect(lockstep.runRepeated(trace('%0 = malloc 1; %0 = malloc 2'), 64)).toBeUndefined();
    expect(lockstep.unrolled()).toBeUndefined();
    expect(lockstep.runRepeated(trace('reset'), 64)).toBeUndefined();
    expect(lockstep.unrolled()).toBeUndefined();
  });

  it('repeats a trace as often as its operations are short', () => {
    /** Its mallocs take `stride` steps each, and reach higher every time, as if there were a leak to wait for. */
    class Slow extends PlainHeap {
      stepsTaken = 0;
      readonly #stride: number;

      constructor(stride: number) {
        super({ initialPages: 1, maximumPages: 1024 });
        this.#stride = stride;
      }

      override restart(): void {
        super.restart();
        this.stepsTaken = 0;
      }

      override malloc(): number {
        this.stepsTaken += this.#stride;
        rounds++;
        return super.malloc(16);
      }

      protected override release(): void {}

      override reset(): void {
        this.gaps = [{ start: BASE, end: 2 ** 16 }];
      }
    }
    let rounds = 0;
    const roundsOf = (stride: number) => {
      rounds = 0;
      new Lockstep(new Slow(stride)).runRepeated(trace('%0 = malloc 16'), 64);
      return rounds;
    };
    expect([2 ** 26, 2 ** 24].map(roundsOf)).toEqual([5, 17]);
  });

  it('repeats no trace of large blocks for the sake of a small counter', () => {
    let rounds = 0;
    class Counted extends PlainHeap {
      override malloc(sizeBytes: number): number {
        rounds++;
        return super.malloc(sizeBytes);
      }
    }
    const roundsOf = (sizeBytes: number) => {
      rounds = 0;
      const heap = new Counted({ initialPages: 256, maximumPages: 256 });
      expect(new Lockstep(heap).runRepeated(trace(`%0 = malloc ${sizeBytes}`), 1000)).toBeUndefined();
      return rounds;
    };
    expect([1, 4096, 65_536, 2_000_000].map(roundsOf)).toEqual([257, 257, 257, 17]);
  });

  it('repeats no trace more often than fills 4 MiB for each round', () => {
    let rounds = 0;
    /** Gives blocks of two sizes in turn, so that no two rounds are answered alike. */
    class Varied extends PlainHeap {
      override malloc(sizeBytes: number): number {
        const waste = super.malloc(8 + 8 * (rounds++ % 3));
        const pointer = super.malloc(sizeBytes);
        this.free(waste);
        return pointer;
      }
    }
    const heap = new Varied({ initialPages: 1024, maximumPages: 1024, profile: { coalesces: false } });
    expect(new Lockstep(heap).runRepeated(trace('%0 = malloc 8388608'), 100)).toBeUndefined();
    expect(rounds).toBe(52);
  });

  it('is given as many operations as its rounds have at least', () => {
    let rounds = 0;
    /** Gives every block farther up, and takes it back. */
    class Climbing extends PlainHeap {
      override malloc(): number {
        rounds++;
        this.gaps = this.gaps.slice(-1);
        return super.malloc(16);
      }

      protected override release(): void {}

      override reset(): void {
        this.gaps = [{ start: BASE, end: 2 ** 16 }];
      }
    }
    const roundsOf = (mostOperations?: number) => {
      rounds = 0;
      new Lockstep(new Climbing({ initialPages: 1, maximumPages: 1024 })).runRepeated(
        trace('%0 = malloc 16'),
        64,
        mostOperations,
      );
      return rounds;
    };
    expect([1, 64, 100].map(roundsOf)).toEqual([64, 64, 100]);
    expect(roundsOf()).toBeGreaterThan(200);
  });

  it('shows that it goes on every 64 operations, those that free all between rounds among them', () => {
    const lockstep = new Lockstep(new PlainHeap());
    let beats = 0;
    lockstep.onBeat = () => beats++;
    lockstep.run(trace(Array.from({ length: 100 }, (_, slot) => `%${slot} = malloc 1`).join('; ')));
    expect(beats).toBe(3);
    beats = 0;
    lockstep.runRepeated(trace('%0 = malloc 1'), 64);
    expect(beats).toBe(2);
  });

  it('repeats what no heap can give, and looks for what is lost by it', () => {
    /** Takes nothing back once it has refused something. */
    class Losing extends PlainHeap {
      private hasRefused = false;

      override restart(): void {
        super.restart();
        this.hasRefused = false;
      }

      protected override refuse(): number {
        this.hasRefused = true;
        return 0;
      }

      override free(pointer: number): void {
        if (this.hasRefused) this.forget(pointer);
        else super.free(pointer);
      }
    }
    /** Keeps a page that it grew by for what is too large. */
    class Greedy extends PlainHeap {
      protected override refuse(): number {
        const before = this.endBytes();
        if (this.growMemory(1)) this.release({ start: before, end: this.endBytes() });
        return 0;
      }
    }
    const impossible = trace('%0 = malloc 16; %1 = malloc 4294967295');
    const apart = { initialPages: 1, maximumPages: 16, profile: { coalesces: false } };
    for (const heap of [new Losing(), new Losing(apart)]) {
      expect(new Lockstep(heap).runRepeated(impossible, 64)?.law).toBe('freed-memory-is-reused');
    }
    expect(new Lockstep(new PlainHeap()).runRepeated(impossible, 64)).toBeUndefined();
    const large = { initialPages: 1, maximumPages: 1024 };
    expect(new Lockstep(new Greedy(large)).runRepeated(impossible, 64)).toBeUndefined();
    const possible = trace(`%0 = malloc 16; %1 = malloc ${16 * 65536 - BASE}`);
    expect(new Lockstep(new Losing()).runRepeated(possible, 64)).toBeUndefined();
  });

  it.each([
    ['malloc 40', ['%0 = malloc 40; %1 = malloc 40', '%0 = malloc 40; %1 = realloc %1 40; free %0']],
    ['calloc 5 8', ['%0 = calloc 5 8; %1 = calloc 8 5', '%0 = calloc 40 1; %1 = calloc 4294967295 2']],
    ['aligned_alloc 64 40', ['%0 = aligned_alloc 64 40; %1 = aligned_alloc 64 40; free %0']],
  ])('repeats what asks for %s only where free blocks do not join, and nothing beside', (_, alike) => {
    class Keeping extends PlainHeap {
      override free(pointer: number): void {
        this.forget(pointer);
      }
    }
    const heap = new Keeping({ initialPages: 1, maximumPages: 16, profile: { coalesces: false } });
    const law = (lines: string) => new Lockstep(heap).runRepeated(trace(lines), 64)?.law;
    const different = ['malloc 41', 'calloc 1 41', 'malloc 1', 'aligned_alloc 128 40', 'aligned_alloc 64 41'];
    for (const lines of alike) {
      expect(law(lines)).toBe('freed-memory-is-reused');
      expect(different.map((other) => law(`${lines}; %9 = ${other}`))).toEqual(different.map(() => undefined));
    }
  });

  it('repeats what ends with a reset, where there is one', () => {
    class Forgetful extends PlainHeap {
      override reset(): void {
        super.reset();
        const end = this.memory.buffer.byteLength;
        this.gaps = [{ start: Math.min(BASE + 65536 * resets++, end), end }];
      }

      override restart(): void {
        super.restart();
        resets = 0;
      }
    }
    let resets = 0;
    const law = (heap: Lockstep, lines: string) => heap.runRepeated(trace(lines), 64)?.law;
    const size = { initialPages: 1, maximumPages: 1024 };
    const profile = { operations: ['malloc', 'free', 'reset', 'mark', 'pop'] } as const;
    const heap = new Lockstep(new Forgetful({ ...size, profile }));
    expect(law(heap, '%0 = malloc 1; reset')).toBe('freed-memory-is-reused');
    expect([law(heap, '%0 = malloc 1; reset; %1 = malloc 1'), law(heap, 'mark; reset')]).toEqual([
      undefined,
      undefined,
    ]);
    expect(law(new Lockstep(new PlainHeap({ ...size, profile })), '%0 = malloc 1; reset')).toBeUndefined();
    class Keeping extends PlainHeap {
      override free(pointer: number): void {
        this.forget(pointer);
      }
    }
    const without = { operations: ['malloc', 'free'], reclaims: false, coalesces: false } as const;
    const keeping = new Lockstep(new Keeping({ ...size, profile: without }));
    expect(law(keeping, '%0 = malloc 60000; reset')).toBeUndefined();
  });

  it('says nothing of the reuse of what is not repeatable or promises no reuse', () => {
    const heap = new Lockstep(new PlainHeap());
    expect(heap.runRepeated(trace('%0 = malloc 1; reset'), 8)).toBeUndefined();
    expect(heap.runRepeated(trace('%0 = malloc 100000; %0 = malloc 200000'), 8)).toBeUndefined();
    expect(new Lockstep(new HostBumpSubject()).runRepeated(trace('%0 = malloc 1'), 8)).toBeUndefined();
    const apart = { initialPages: 1, maximumPages: 16, profile: { coalesces: false } };
    const unjoined = new Lockstep(new PlainHeap(apart));
    expect(unjoined.runRepeated(trace('%0 = malloc 1; %1 = malloc 2'), 8)).toBeUndefined();
    expect(unjoined.runRepeated(trace('%0 = calloc 1 1'), 8)).toBeUndefined();
    expect(unjoined.runRepeated(trace('%0 = aligned_alloc 64 9; %1 = aligned_alloc 64 9'), 8)).toBeUndefined();
    expect(unjoined.runRepeated(trace('%0 = malloc 1; free %0'), 8)).toBeUndefined();
  });
});

describe('realloc to 0 bytes where it frees', () => {
  /** One address stands for every block of no bytes, and whoever resizes it to nothing gets it back. */
  class WithSentinel extends PlainHeap {
    override malloc(sizeBytes: number): number {
      return sizeBytes === 0 ? BASE - 16 : super.malloc(sizeBytes);
    }

    override realloc(pointer: number, oldBytes: number, alignmentBytes: number, sizeBytes: number): number {
      const given = pointer === BASE - 16 ? 0 : pointer;
      if (sizeBytes === 0)
        return given === 0 || this.keeps ? pointer : super.realloc(given, oldBytes, alignmentBytes, 0);
      return super.realloc(given, given === 0 ? 0 : oldBytes, alignmentBytes, sizeBytes);
    }

    override free(pointer: number): void {
      if (pointer !== BASE - 16) super.free(pointer);
    }

    /** Whether blocks with bytes are handed back as well. */
    keeps = false;
  }
  const setting = {
    initialPages: 1,
    maximumPages: 16,
    profile: { zeroMalloc: 'block', zeroRealloc: 'frees' },
  } as const;

  it('may leave a block of no bytes where it is', () => {
    const lines = trace('%0 = malloc 0; %0 = realloc %0 0; %0 = realloc %0 40; free %0');
    expect(new Lockstep(new WithSentinel(setting)).run(lines)).toBeUndefined();
  });

  it('may not hand back a block that had bytes', () => {
    const heap = new WithSentinel(setting);
    heap.keeps = true;
    const violation = new Lockstep(heap).run(trace('%0 = malloc 8; %0 = realloc %0 0'));
    expect(violation).toMatchObject({ law: 'zero-size-policy-is-constant', step: 2 });
  });
});

describe('marks and pops', () => {
  it.each([
    { how: 'a pop without a mark is not refused', pops: true, lines: 'pop', answer: 'popped' },
    { how: 'a pop after a mark is refused', pops: false, lines: 'mark; pop', answer: 'refused' },
  ])('$how: breaks the contract', ({ pops, lines, answer }) => {
    const stack = new HostStackSubject();
    stack.pop = () => pops;
    expect(new Lockstep(stack).run(trace(lines))).toMatchObject({ law: 'agrees-with-the-contract', answer });
  });

  it('of a sound stack break no law', () => {
    const lines = '%0 = malloc 8; mark; %1 = malloc 8; mark; %2 = malloc 8; pop; pop; pop; %3 = malloc 8; reset';
    expect(new Lockstep(new HostStackSubject()).run(trace(lines), 'every-step')).toBeUndefined();
  });
});

/** Gaps join when memory grows, and up to `mostBytes` when a block is freed. */
class Crumbling extends PlainHeap {
  readonly #mostBytes: number;
  #isFreeing = false;

  constructor(mostBytes: number, setting?: HeapSetting) {
    super(setting);
    this.#mostBytes = mostBytes;
  }

  override free(pointer: number): void {
    this.#isFreeing = true;
    super.free(pointer);
    this.#isFreeing = false;
  }

  protected override join(index: number): void {
    if (!this.#isFreeing) return super.join(index);
    for (const at of [index, index - 1]) {
      const [gap, next] = [this.gaps[at], this.gaps[at + 1]];
      if (gap !== undefined && next !== undefined && next.end - gap.start <= this.#mostBytes) this.joinNext(at);
    }
  }
}

describe('what was free in one piece before', () => {
  it('is again when all is freed: room for the largest block of the trace', () => {
    const lines = '%0 = malloc 300000; free %0; %0 = malloc 150000';
    const law = 'everything-freed-is-everything-available';
    expect(new Lockstep(new Crumbling(0x20000)).run(trace(lines))).toMatchObject({ law, kind: 'free' });
    expect(new Lockstep(new PlainHeap()).run(trace(lines))).toBeUndefined();
    expect(new Lockstep(new Crumbling(0x20000)).run(trace('%0 = malloc 300000'))).toBeUndefined();
  });
});

describe('a heap that never grew', () => {
  const never = (ungrownBytes: number) =>
    new Crumbling(0, { initialPages: 1, maximumPages: 16, profile: { ungrownBytes } });
  const law = 'everything-freed-is-everything-available';

  it('gives its largest block again when all is freed', () => {
    expect(new Lockstep(never(60_000)).run(trace('%0 = malloc 1; %1 = malloc 10000'))?.law).toBe(law);
    expect(new Lockstep(never(0)).run(trace('%0 = malloc 1; %1 = malloc 10000'))).toBeUndefined();
  });

  it('is not asked for it once it grew, or once it refused', () => {
    expect(new Lockstep(never(60_000)).run(trace('%0 = malloc 40000; %1 = malloc 40000'))).toBeUndefined();
    const lines = '%0 = malloc 1; %1 = malloc 10000; %2 = malloc 4294967295';
    expect(new Lockstep(never(60_000)).run(trace(lines))).toBeUndefined();
  });
});

describe('what malloc_usable_size says', () => {
  /** Says `beyond` bytes more than were asked for; blocks are held in multiples of 16. */
  function saying(beyond: (sizeBytes: number) => number) {
    return new (class extends PlainHeap {
      readonly hasUsableSize = true;

      usableSize(pointer: number): number {
        const sizeBytes = this.sizes.get(pointer) ?? 0;
        return sizeBytes + beyond(sizeBytes);
      }
    })();
  }

  const judged = (beyond: number, lines: string) => new Lockstep(saying(() => beyond)).run(trace(lines));

  it('is no less than was asked for', () => {
    expect(judged(-1, '%0 = malloc 8')).toMatchObject({
      law: 'regions-never-overlap',
      answer: 'a block of 7 bytes, as malloc_usable_size says',
    });
    expect(judged(-1, '%0 = malloc 8; %0 = realloc %0 24')).toMatchObject({ step: 1 });
  });

  it('ends before the next block, and in memory', () => {
    const lines = '%0 = malloc 16; %1 = malloc 16; free %0; %2 = malloc 16';
    expect(judged(1, lines)).toMatchObject({
      law: 'regions-never-overlap',
      step: 4,
      answer: '0x410..0x420, usable to 0x421',
      but: '0x420..0x430 is live since step 2',
    });
    expect(judged(65536, '%0 = malloc 16')).toMatchObject({ law: 'regions-stay-in-bounds', step: 1 });
  });

  it('may be written: books that are kept there are harmed', () => {
    const heap = saying((sizeBytes) => ((sizeBytes + 15) & ~15) - sizeBytes);
    expect(new Lockstep(heap).run(trace('%0 = malloc 13; %1 = malloc 13; %0 = realloc %0 3'))).toBeUndefined();
    const bytes = new Uint8Array(heap.memory.buffer);
    expect([bytes[BASE + 3], bytes[BASE + 15], bytes[BASE + 16 + 13]]).toEqual([0x5a, 0x5a, 0xa5]);
  });

  it('is not asked for in long traces', () => {
    const lines = Array(101).fill('%0 = malloc 8').join('; ');
    expect(judged(-1, lines)).toBeUndefined();
  });

  it('is asked for in a long trace that breaks another law: a shorter one would break this', () => {
    const lines = `${Array(101).fill('%0 = malloc 8').join('; ')}; %0 = malloc 9`;
    const heap = saying(() => -1);
    heap.malloc = (sizeBytes) => (sizeBytes > 8 ? 0x9001 : PlainHeap.prototype.malloc.call(heap, sizeBytes));
    expect(new Lockstep(heap).run(trace(lines))).toMatchObject({ law: 'pointers-are-aligned', step: 102 });
    expect(judge(new Lockstep(heap), trace(lines))).toMatchObject({ law: 'regions-never-overlap', step: 1 });
  });
});
