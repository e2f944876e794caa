/**
 * The reclaiming allocator as a subject that runs out of memory at one place of a trace: at one growth, which is refused,
 * or at one request, during which every byte of the heap is taken. What a fixed capacity says of refusals does not hold
 * here; every other law does, `heap_check` included.
 */
import type { Profile } from '../../fuzz/model/profile.ts';
import { ModuleSubject } from '../../fuzz/subjects/module-subject.ts';
import type { Statistics } from '../../fuzz/subjects/subject.ts';
import { type ModuleDefinition, subjectFromModule } from '../../fuzz/subjects/wasm-module.ts';
import { reclaimingProfile } from '../../wasm/allocators/reclaiming-profile.ts';

/** A filler of this many bytes takes the smallest block there is. */
const SMALLEST_BYTES = 1;
const ALIGNMENT_BYTES = 16;

export class StarvingSubject extends ModuleSubject {
  /** Which growth is refused, from 1; 0 for none. */
  refusedGrowth = 0;
  /** Which request finds the heap full, from 1; 0 for none. */
  starvedRequest = 0;
  /** Requests since the last restart that could be starved. */
  requests = 0;
  /** Requests that were answered NULL while the heap was full. */
  starved = 0;
  readonly #profile: Profile;

  /** `bytes` is a module of the reclaiming allocator alone, with its checks; memory grows to `memoryBytes` at most. */
  static of(bytes: Uint8Array, memoryBytes: number): StarvingSubject {
    const pinned = { name: 'starving', memoryCapBytes: memoryBytes, profile: reclaimingProfile(0, memoryBytes) };
    return new StarvingSubject(subjectFromModule(bytes, pinned), memoryBytes);
  }

  private constructor({ prepared, detection, create }: ModuleDefinition, memoryBytes: number) {
    const heapBase = create().instance.globalValue('__heap_base') ?? 0;
    // No reset in its ABI; usable bytes are counted where the model knows those asked for; NULL is always allowed.
    const profile = {
      ...reclaimingProfile(heapBase, memoryBytes),
      operations: ['malloc', 'calloc', 'realloc', 'free', 'aligned_alloc', 'grow'],
      counters: [{ counter: 'heap_live_blocks', means: 'live-blocks' }],
      capacityBytes: 0,
    } as const;
    super('starving', prepared, detection, profile);
    this.#profile = profile;
  }

  override restart(): void {
    super.restart();
    this.requests = 0;
    this.refuseGrowth(this.refusedGrowth);
  }

  override malloc(sizeBytes: number): number {
    return this.#starve(() => super.malloc(sizeBytes));
  }

  override calloc(count: number, sizeBytes: number): number {
    return this.#starve(() => super.calloc(count, sizeBytes));
  }

  override realloc(pointer: number, oldSizeBytes: number, alignmentBytes: number, newSizeBytes: number): number {
    return this.#starve(() => super.realloc(pointer, oldSizeBytes, alignmentBytes, newSizeBytes));
  }

  override alignedAlloc(alignmentBytes: number, sizeBytes: number): number {
    return this.#starve(() => super.alignedAlloc(alignmentBytes, sizeBytes));
  }

  override statistics(): Statistics {
    const inconsistency = Number(this.instance.function('heap_check')?.() ?? 0);
    return { ...super.statistics(), inconsistency };
  }

  #starve(request: () => number): number {
    this.requests += 1;
    if (this.requests !== this.starvedRequest) return request();
    const fillers = this.#fill();
    const answer = request();
    this.starved += answer === 0 ? 1 : 0;
    for (const [pointer, sizeBytes] of fillers) super.free(pointer, sizeBytes, ALIGNMENT_BYTES);
    return answer;
  }

  /** Takes all there is, in blocks that halve. */
  #fill(): (readonly [pointer: number, sizeBytes: number])[] {
    const taken: (readonly [number, number])[] = [];
    for (let sizeBytes = this.#profile.arenaEnd; sizeBytes >= SMALLEST_BYTES; ) {
      const pointer = super.malloc(sizeBytes);
      if (pointer === 0) sizeBytes >>>= 1;
      else taken.push([pointer, sizeBytes]);
    }
    return taken;
  }
}
