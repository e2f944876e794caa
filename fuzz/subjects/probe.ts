/**
 * The profile of a module, from how it behaves in throwaway instances.
 *
 * Two errors are avoided alike: to promise what a sound allocator of another kind does not keep, and to take a defect
 * for a promise not made. So a rule counts when nearly all answers follow it, and the exceptions are left for the laws.
 */
import type { Profile } from '../model/profile.ts';
import { LEAST_RESERVE_BYTES, OVERHEAD_BYTES } from '../model/refusal.ts';
import type { PreparedModule } from '../wasm/prepare.ts';
import { type Allocator, type Detection, operationsOf, signature } from './abi/abi.ts';
import { abiNamed } from './abi/index.ts';
import { ModuleSubject } from './module-subject.ts';
import { honoursAlignment, probeAlignedAlloc, probeAlignment, SMALLEST_ALIGNMENT_BYTES } from './probe/alignment.ts';
import type { ProbeBlock } from './probe/attempt.ts';
import { growsByCells, PAGE_BYTES, probeCapacity, probeGrows, probeGrowthRule } from './probe/capacity.ts';
import { probeCoalesces, probeLastingCapacity, probeUngrown } from './probe/coalescing.ts';
import { collectsByItself, unheldShare } from './probe/collector.ts';
import { probeCounters } from './probe/counters.ts';
import { probeClassBytes, probeKeptGaps, probeMaximumBlocks, probePagedFrom, probeReserve } from './probe/limits.ts';
import { refuseLoaderHeap } from './probe/loader-heap.ts';
import { type Misuse, probeMisuse } from './probe/misuse.ts';
import { probeGuaranteedBlocks } from './probe/pool.ts';
import { probeReach } from './probe/reach.ts';
import { probeReset } from './probe/reset.ts';
import { keepsNoSizes, resizes } from './probe/resizing.ts';
import { probeHeldBack, reclaimingShare, reclaimsBy } from './probe/reuse.ts';
import { probeShrinking, type Shrinking } from './probe/shrinking.ts';
import { unknownProfile } from './probe/unknown-profile.ts';
import { probeZeroMalloc, probeZeroOthers, probeZeroRealloc } from './probe/zero-size.ts';
import { resetExportOf } from './reset-export.ts';

export interface Probed {
  readonly profile: Profile;
  /** What is worth knowing and promises nothing, a line each. */
  readonly notes: readonly string[];
  readonly misuse: Misuse;
}

/** Probes the allocator `detection` of a module. Throws CannotInstantiate; a trap or a hang of the module does not throw. */
export function probe(prepared: PreparedModule, detection: Detection): Probed {
  const subject = new ModuleSubject('probe', prepared, detection, unknownProfile(prepared));
  return new Probing(subject, prepared, detection).run();
}

/** The largest block of a heap that grows is only used with a page to spare, and each step of finding it costs an instance. */
const GROWN_TOLERANCE_BYTES = 16384;

class Probing {
  readonly #subject: ModuleSubject;
  readonly #prepared: PreparedModule;
  readonly #detection: Detection;
  readonly #notes: string[] = [];

  constructor(subject: ModuleSubject, prepared: PreparedModule, detection: Detection) {
    this.#subject = subject;
    this.#prepared = prepared;
    this.#detection = detection;
  }

  run(): Probed {
    const subject = this.#subject;
    const { convention } = abiNamed(this.#detection.abi);
    const arenaEnd = this.#prepared.capPages * PAGE_BYTES;
    const allocator = abiNamed(this.#detection.abi).bind(this.#detection.names, subject.access());
    const { alignmentBytes, blocks } = this.#alignment(convention.alignmentFloorBytes, convention.usualAlignmentBytes);
    refuseLoaderHeap(subject.instance, blocks);
    const growsEarly = probeGrows(subject, arenaEnd);
    const capacityBytes = probeCapacity(subject, arenaEnd, growsEarly ? GROWN_TOLERANCE_BYTES : 1);
    const mayGrow = growsEarly || growsByCells(subject, arenaEnd, capacityBytes);
    const operations = this.#operations(allocator, capacityBytes);
    const reuse = this.#reuse(operations.includes('free'), capacityBytes, mayGrow);
    const { reclaims, coalesces } = reuse;
    const resizes = operations.includes('realloc');
    const shrinking = resizes ? this.#shrinking(capacityBytes) : undefined;
    const reset = this.#reset(mayGrow);
    const profile: Profile = {
      // Memory is the host's too: it may grow between two requests, and the allocator must cope.
      operations: [...operations, ...(mayGrow ? (['grow'] as const) : []), ...reset.operations],
      alignmentBytes,
      ...this.#alignedAlloc(operations, alignmentBytes, allocator),
      arenaStart: this.#arenaStart(blocks),
      arenaEnd: mayGrow ? arenaEnd : this.#fixedEnd(arenaEnd, capacityBytes),
      ...this.#zeroSizes(operations),
      zeroRealloc:
        resizes && !convention.forbidsZeroRealloc ? probeZeroRealloc(subject, capacityBytes, reclaims) : 'unspecified',
      shrinkingNeverFails: convention.shrinkingNeverFails || shrinking?.neverFails === true,
      // No contract of a foreign allocator says so, even where it was always seen.
      shrinkingKeepsThePointer: false,
      ...this.#copying(resizes && !reclaims && allocator.reallocTakesOldSize !== true),
      mayGrow,
      ...(mayGrow ? probeGrowthRule(subject, capacityBytes) : { growthSlackPages: 0 }),
      ...(convention.collectsConservatively ? { readsContents: true } : {}),
      ...reuse,
      ...(operations.includes('pop') ? { popsReclaim: true } : {}),
      ...this.#capacity(capacityBytes, coalesces && !mayGrow),
      ...this.#ungrown(coalesces && mayGrow),
      ...(blocks[0] === undefined ? {} : { firstPointer: blocks[0].pointer }),
      ...this.#spacing(blocks),
      ...reset.promises,
      counters: probeCounters(subject, { ...reuse, capacityBytes, mayGrow }),
    };
    this.#describe(blocks);
    return { profile: { ...profile, ...this.#limits(profile) }, notes: this.#notes, misuse: probeMisuse(subject) };
  }

  /**
   * Those of the ABI that the module has. What a parameter means by its place alone must be seen: the alignment of a
   * hand-written `alloc` or of `cabi_realloc`, which no type of the component model asks for beyond 8, and the order of
   * a hand-written `realloc` with four of them.
   */
  #operations(allocator: Allocator, capacityBytes: number): Profile['operations'] {
    const { abi, names } = this.#detection;
    const bound = operationsOf(allocator);
    if (allocator.alignsAboveMalloc && probeAlignedAlloc(this.#subject) === undefined)
      return bound.filter((kind) => kind !== 'aligned_alloc');
    const doubted: Profile['operations'][number][] = [];
    if (abi === 'assemblyscript')
      return this.#clears(capacityBytes) ? bound : bound.filter((kind) => kind !== 'calloc');
    if (!['pair', 'alloc', 'stack', 'cabi-realloc'].includes(abi)) return bound;
    const mayMeanElse = bound.includes('aligned_alloc') && !this.#isToldAlignments();
    if (mayMeanElse && !honoursAlignment(this.#subject)) {
      doubted.push('aligned_alloc');
      this.#notes.push(`an alignment of 256 was given to ${names['alloc'] ?? names['realloc']} and not honoured`);
    }
    if (abi === 'pair' && bound.includes('realloc') && !resizes(this.#subject)) {
      doubted.push('realloc');
      this.#notes.push(`${names['realloc']} did not resize: its parameters may have another order`);
    }
    return bound.filter((kind) => !doubted.includes(kind));
  }

  /** A collector that runs while an object is made may visit what is not filled yet, and so must have cleared it. */
  #clears(capacityBytes: number): boolean {
    return collectsByItself(this.#subject, capacityBytes, this.#prepared.capPages * PAGE_BYTES);
  }

  /** A free of three parameters, or a realloc of four, beside an alloc of two: only alignments explain them all. */
  #isToldAlignments(): boolean {
    const { abi, names } = this.#detection;
    const { typeOf } = this.#subject.access();
    const takes = (role: string, params: number) => {
      const type = typeOf(names[role] ?? '');
      return type === signature(params, 0) || type === signature(params, 1);
    };
    return abi === 'pair' && (takes('dealloc', 3) || takes('realloc', 4));
  }

  #alignment(floorBytes: number, usualBytes: number): { alignmentBytes: number; blocks: readonly ProbeBlock[] } {
    const { alignmentBytes: seen, blocks } = probeAlignment(this.#subject);
    const alignmentBytes = Math.max(seen, floorBytes);
    if (seen < usualBytes) this.#notes.push(`pointers are ${seen}-aligned, below the ${usualBytes} of max_align_t`);
    return { alignmentBytes, blocks };
  }

  #alignedAlloc(
    operations: Profile['operations'],
    alignmentBytes: number,
    { reallocKeepsAlignment, alignsAboveMalloc }: Allocator,
  ): Partial<Profile> & { maximumAlignmentBytes: number } {
    const granted = operations.includes('aligned_alloc') ? probeAlignedAlloc(this.#subject) : undefined;
    if (granted === undefined) return { maximumAlignmentBytes: alignmentBytes };
    const least = alignsAboveMalloc ? Math.max(granted.least, 2 * alignmentBytes) : granted.least;
    return {
      maximumAlignmentBytes: Math.max(alignmentBytes, granted.largest),
      smallestAlignmentBytes: 1,
      ...(reallocKeepsAlignment && operations.includes('realloc') ? { reallocKeepsAlignment } : {}),
      ...(least > SMALLEST_ALIGNMENT_BYTES ? { leastAlignmentBytes: least } : {}),
    };
  }

  #zeroSizes(operations: Profile['operations']): Pick<Profile, 'zeroMalloc' | 'zeroOthers'> {
    const zeroMalloc = probeZeroMalloc(this.#subject);
    const zeroOthers = probeZeroOthers(this.#subject, operations, zeroMalloc);
    return Object.keys(zeroOthers).length === 0 ? { zeroMalloc } : { zeroMalloc, zeroOthers };
  }

  /** Where the heap was told to begin, or the linker says that it does, if that is true of it; else anywhere but NULL. */
  #arenaStart(blocks: readonly ProbeBlock[]): number {
    const { heapInitialiser } = this.#prepared;
    if (heapInitialiser?.region !== undefined) return heapInitialiser.region.start;
    const heapBase = this.#subject.instance.globalValue('__heap_base');
    const isTrue = heapBase !== undefined && blocks.length > 0 && blocks.every(({ pointer }) => pointer >= heapBase);
    return isTrue ? heapBase : 1;
  }

  #reuse(frees: boolean, capacityBytes: number, mayGrow: boolean) {
    const reclaims = frees && this.#reclaims(capacityBytes);
    const heldBackBlocks = reclaims ? probeHeldBack(this.#subject, capacityBytes) : 0;
    if (heldBackBlocks > 0) return { reclaims, heldBackBlocks, coalesces: false };
    return {
      reclaims,
      coalesces: reclaims && probeCoalesces(this.#subject, capacityBytes, mayGrow),
      ...(reclaims && !mayGrow ? this.#pool(capacityBytes) : {}),
    };
  }

  #pool(capacityBytes: number): Pick<Profile, 'guaranteedBlocks'> {
    const guaranteedBlocks = probeGuaranteedBlocks(this.#subject, capacityBytes);
    if (guaranteedBlocks === undefined) return {};
    this.#notes.push(`a pool: ${guaranteedBlocks} blocks of up to ${capacityBytes} bytes are always to be had`);
    return { guaranteedBlocks };
  }

  /** A collector that takes back what was never held, and never what was held and given up, is one that fails to. */
  #reclaims(capacityBytes: number): boolean {
    const seen = reclaimingShare(this.#subject, capacityBytes);
    if (seen > 0) return reclaimsBy(seen);
    return reclaimsBy(unheldShare(this.#prepared, this.#detection, capacityBytes));
  }

  /** A heap that grew may lie elsewhere after a reset, in all that it has by then. */
  #reset(mayGrow: boolean) {
    const isNamed = resetExportOf(this.#prepared.module) !== undefined;
    const seen = isNamed ? probeReset(this.#subject) : 'none';
    return {
      operations: seen === 'none' ? [] : (['reset'] as const),
      promises: seen === 'replays' && !mayGrow ? { resetReplays: true } : {},
    };
  }

  #fixedEnd(memoryEnd: number, capacityBytes: number): number {
    const end = this.#prepared.heapInitialiser?.region?.end ?? memoryEnd;
    return Math.min(end, probeReach(this.#subject, capacityBytes) ?? end);
  }

  #capacity(capacityBytes: number, isLasting: boolean): Pick<Profile, 'capacityBytes' | 'grantsNothing'> {
    if (capacityBytes === 0) return { capacityBytes, grantsNothing: true };
    return { capacityBytes: isLasting ? this.#lastingCapacity(capacityBytes) : capacityBytes };
  }

  #ungrown(mayPromise: boolean): Pick<Profile, 'ungrownBytes'> {
    const ungrownBytes = mayPromise ? probeUngrown(this.#subject) : 0;
    return ungrownBytes === 0 ? {} : { ungrownBytes };
  }

  #lastingCapacity(capacityBytes: number): number {
    const lasting = probeLastingCapacity(this.#subject, capacityBytes);
    if (lasting < capacityBytes) {
      this.#notes.push(`a fresh heap grants ${capacityBytes} bytes at once, but after a refusal no longer`);
    }
    return lasting;
  }

  #limits(profile: Profile): Partial<Profile> {
    const reserveBytes = probeReserve(this.#subject, profile.capacityBytes);
    const maximumBlocks = probeMaximumBlocks(this.#subject, { ...profile, reserveBytes });
    if (reserveBytes > LEAST_RESERVE_BYTES) {
      this.#notes.push(`a block of each size leaves no room for one of all but ${reserveBytes} bytes`);
    }
    if (maximumBlocks !== undefined) this.#notes.push(`no more than ${maximumBlocks} blocks live at once`);
    const classBytes = probeClassBytes(this.#subject, profile.capacityBytes);
    const pagedFromBytes = probePagedFrom(this.#subject);
    const keepsGaps = profile.coalesces && !profile.mayGrow && probeKeptGaps(this.#subject, profile.capacityBytes);
    return {
      reserveBytes,
      ...(maximumBlocks === undefined ? {} : { maximumBlocks }),
      ...(classBytes === 0 ? {} : { classBytes }),
      ...(pagedFromBytes === 0 ? {} : { pagedFromBytes }),
      ...(keepsGaps ? { gapsAreKept: true } : {}),
    };
  }

  /** One that takes nothing back and has no room for a note cannot know where a block ends; others can. */
  #copying(isUntold: boolean): Pick<Profile, 'reallocCopiesFreely'> {
    return isUntold && keepsNoSizes(this.#subject) ? { reallocCopiesFreely: true } : {};
  }

  #shrinking(capacityBytes: number): Shrinking {
    const shrinking = probeShrinking(this.#subject, capacityBytes);
    this.#notes.push(`shrinking kept the pointer ${shrinking.kept} times of ${shrinking.tries} in a full heap`);
    return shrinking;
  }

  #spacing(blocks: readonly ProbeBlock[]): Partial<Profile> {
    const leastDistanceBytes = smallestDistance(blocks);
    return leastDistanceBytes > OVERHEAD_BYTES ? { leastDistanceBytes } : {};
  }

  #describe(blocks: readonly ProbeBlock[]): void {
    const { prepared, notes, unknownCalls } = this.#subject.instance;
    const smallest = smallestDistance(blocks);
    if (smallest > 0) this.#notes.push(`the smallest distance of two blocks is ${smallest} bytes`);
    if (this.#subject.hasUsableSize) this.#notes.push('all bytes that malloc_usable_size says are usable are written');
    this.#notes.push(...notes);
    if (unknownCalls.size > 0)
      this.#notes.push(`imports of unknown meaning were called: ${[...unknownCalls].join(', ')}`);
    const { untouchedBecause } = prepared.instrumented;
    if (untouchedBecause !== undefined)
      this.#notes.push(`not instrumented, a hang is not stopped: ${untouchedBecause}`);
  }
}

/** The smallest distance of two pointers, in bytes; 0 when there are not two. */
function smallestDistance(blocks: readonly ProbeBlock[]): number {
  const pointers = [...new Set(blocks.map(({ pointer }) => pointer))].sort((left, right) => left - right);
  const distances = pointers.slice(1).map((pointer, index) => pointer - (pointers[index] ?? 0));
  return distances.length === 0 ? 0 : Math.min(...distances);
}
