/**
 * The Lua module's bump pool in TypeScript, written plainly from the contract at the head of
 * `wasm/allocators/bump.zig`, every decision a method of its own. Unchanged it breaks no law.
 */
import type { Profile } from '../../fuzz/model/profile.ts';
import type { Statistics, Subject } from '../../fuzz/subjects/subject.ts';

const BASE = 4096;
const SIZE_BYTES = 32768;
const HEADER_BYTES = 16;

export class PlainPool implements Subject {
  readonly name = 'plain-pool';
  readonly memory = new WebAssembly.Memory({ initial: 1, maximum: 1 });
  readonly profile: Profile = {
    operations: ['malloc', 'calloc', 'realloc', 'free', 'aligned_alloc', 'reset'],
    alignmentBytes: 16,
    maximumAlignmentBytes: 2 ** 31,
    arenaStart: BASE,
    arenaEnd: BASE + SIZE_BYTES,
    zeroMalloc: 'null',
    zeroRealloc: 'frees',
    shrinkingNeverFails: true,
    shrinkingKeepsThePointer: true,
    mayGrow: false,
    growthSlackPages: 0,
    reclaims: false,
    coalesces: false,
    capacityBytes: SIZE_BYTES - HEADER_BYTES,
    exact: 'pool-bump',
  };
  protected top = 0;
  protected peak = 0;
  protected last = 0;
  protected sizes = new Map<number, number>();

  restart(): void {
    this.reset();
  }

  malloc(sizeBytes: number): number {
    return this.alignedAlloc(16, sizeBytes);
  }

  calloc(count: number, sizeBytes: number): number {
    const total = count * sizeBytes;
    const pointer = total < 2 ** 32 ? this.malloc(total) : 0;
    if (pointer !== 0) new Uint8Array(this.memory.buffer, pointer, total).fill(0);
    return pointer;
  }

  alignedAlloc(alignmentBytes: number, sizeBytes: number): number {
    if (sizeBytes === 0 || !Number.isInteger(Math.log2(alignmentBytes))) return 0;
    const pointer = this.place(Math.max(16, alignmentBytes));
    if (!this.fits(pointer, sizeBytes)) return 0;
    this.last = pointer;
    this.setTop(pointer, sizeBytes);
    return pointer;
  }

  realloc(pointer: number, _oldSizeBytes: number, _alignmentBytes: number, newSizeBytes: number): number {
    if (pointer === 0) return this.malloc(newSizeBytes);
    if (newSizeBytes === 0) return 0;
    const oldSizeBytes = this.sizes.get(pointer) ?? 0;
    if (pointer === this.last) return this.resizeLast(pointer, newSizeBytes);
    if (newSizeBytes <= oldSizeBytes) return this.shrinkOther(pointer, newSizeBytes);
    const moved = this.malloc(newSizeBytes);
    if (moved !== 0) new Uint8Array(this.memory.buffer).copyWithin(moved, pointer, pointer + oldSizeBytes);
    return moved;
  }

  free(_pointer: number): void {}

  reset(): void {
    this.top = 0;
    this.peak = 0;
    this.last = 0;
    this.sizes.clear();
  }

  grow(): boolean {
    return false;
  }

  mark(): void {}

  pop(): boolean {
    return false;
  }

  run(): void {}

  statistics(): Statistics {
    return { used: this.top, remaining: SIZE_BYTES - this.top, peak: this.peak };
  }

  protected place(alignmentBytes: number): number {
    return Math.ceil((BASE + this.top + HEADER_BYTES) / alignmentBytes) * alignmentBytes;
  }

  protected fits(pointer: number, sizeBytes: number): boolean {
    return pointer + this.rounded(sizeBytes) <= BASE + SIZE_BYTES;
  }

  protected rounded(sizeBytes: number): number {
    return Math.ceil(sizeBytes / 16) * 16;
  }

  protected setTop(pointer: number, sizeBytes: number): void {
    this.top = pointer + this.rounded(sizeBytes) - BASE;
    this.peak = Math.max(this.peak, this.top);
    this.sizes.set(pointer, sizeBytes);
  }

  protected resizeLast(pointer: number, newSizeBytes: number): number {
    if (!this.fits(pointer, newSizeBytes)) return 0;
    this.setTop(pointer, newSizeBytes);
    return pointer;
  }

  protected shrinkOther(pointer: number, newSizeBytes: number): number {
    this.sizes.set(pointer, newSizeBytes);
    return pointer;
  }
}
