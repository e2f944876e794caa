/** The allocator of a module that nobody here built, as a subject. */
import type { Profile } from '../model/profile.ts';
import { ModuleAborted } from '../wasm/host.ts';
import { Instance } from '../wasm/instance.ts';
import { functionTypeOf } from '../wasm/module.ts';
import type { PreparedModule } from '../wasm/prepare.ts';
import { showType } from '../wasm/types.ts';
import type { Allocator, Callable, Detection, ModuleAccess } from './abi/abi.ts';
import { abiNamed } from './abi/index.ts';
import { RestingGlobals } from './abi/resting-globals.ts';
import { type Mark, Marks } from './marks.ts';
import { resetExportOf } from './reset-export.ts';
import { FuelExhausted, type Statistics, type Subject } from './subject.ts';

/** Fuel for a window of operations. A list of 10,000 blocks walked by each takes 320,000; a hang is seen in some 50 ms. */
const WINDOW_FUEL = 2 ** 24;
const WINDOW_OPERATIONS = 32;
/** From this size of memory on every operation gets fuel of its own: each may walk a map, or check every free byte. */
const LARGE_MEMORY_BYTES = 256 * 1024;
/** Fuel a byte, for allocators that clear or copy byte by byte, twice. */
const FUEL_PER_BYTE = 4;
/** Fuel a byte of memory for an operation that may collect garbage: TinyGo visits every granule several times, in a second. */
const FUEL_PER_COLLECTED_BYTE = 16;
/** Requests from this size get fuel of their own. */
const LARGE_BYTES = 65536;

/** The first address behind NULL that is a multiple of a pointer's size. */
const SPARE_WORD = 4;

const NEEDS_RESTART = (): never => {
  throw new Error('the instance trapped: call restart before the next operation');
};

/** Stands for the allocator of an instance that trapped: what it would do says nothing. */
const POISONED: Allocator = {
  malloc: NEEDS_RESTART,
  calloc: NEEDS_RESTART,
  realloc: NEEDS_RESTART,
  free: NEEDS_RESTART,
  alignedAlloc: NEEDS_RESTART,
  mark: NEEDS_RESTART,
  release: NEEDS_RESTART,
  popLast: NEEDS_RESTART,
};

export class ModuleSubject implements Subject {
  readonly name: string;
  readonly profile: Profile;
  readonly detection: Detection;
  readonly restartsClean = true;
  readonly restartsExactly: boolean;
  /** The share of the usual fuel that operations are given. */
  patience = 1;
  hasRefusedMark = false;
  readonly #instance: Instance;
  readonly #refusesByTrap: boolean;
  readonly #collects: boolean;
  readonly #resetName: string | undefined;
  readonly #marks = new Marks();
  #resting: RestingGlobals | undefined;
  #allocator: Allocator = POISONED;
  #window = 0;
  /** What the last operations were given. */
  #fuel = 0;
  /** What all before them took since `restart`. */
  #burnt = 0;

  /** Throws CannotInstantiate. */
  constructor(name: string, prepared: PreparedModule, detection: Detection, profile: Profile) {
    this.name = name;
    this.profile = profile;
    this.detection = detection;
    const { convention } = abiNamed(detection.abi);
    this.#refusesByTrap = convention.refusesByTrap;
    this.#collects = convention.collectsConservatively;
    this.restartsExactly = prepared.layout !== undefined;
    this.#instance = new Instance(prepared);
    this.#resetName = resetExportOf(prepared.module);
    this.#begin();
  }

  get memory(): WebAssembly.Memory {
    return this.#instance.memory;
  }

  memoryBytes(): number {
    return this.#instance.memoryBytes();
  }

  /** Function entries and loop rounds since `restart`; 0 where the module is not instrumented. */
  get stepsTaken(): number {
    return this.#burnt + this.#fuel - this.#instance.fuel;
  }

  /** The running module, for coverage and growth counts. */
  get instance(): Instance {
    return this.#instance;
  }

  restart(): void {
    this.#instance.restart();
    this.#begin();
  }

  /** Refuses the `call`-th request to grow memory from now on, counted from 1; 0 refuses none. Undone by `restart`. */
  refuseGrowth(call: number): void {
    this.#instance.refuseGrowth(call);
  }

  malloc(sizeBytes: number): number {
    this.#spend(sizeBytes);
    try {
      return this.#given(this.#allocator.malloc(sizeBytes), sizeBytes);
    } catch (error) {
      return this.#isWorthAnother(error) ? this.malloc(sizeBytes) : 0;
    }
  }

  calloc(count: number, sizeBytes: number): number {
    const calloc = this.#has(this.#allocator.calloc, 'calloc');
    this.#spend(count * sizeBytes);
    try {
      return this.#given(calloc(count, sizeBytes), count * sizeBytes);
    } catch (error) {
      return this.#isWorthAnother(error) ? this.calloc(count, sizeBytes) : 0;
    }
  }

  realloc(pointer: number, oldSizeBytes: number, alignmentBytes: number, newSizeBytes: number): number {
    const realloc = this.#has(this.#allocator.realloc, 'realloc');
    this.#spend(Math.max(oldSizeBytes, newSizeBytes));
    try {
      return this.#given(realloc(pointer, oldSizeBytes, alignmentBytes, newSizeBytes), newSizeBytes);
    } catch (error) {
      return this.#isWorthAnother(error) ? this.realloc(pointer, oldSizeBytes, alignmentBytes, newSizeBytes) : 0;
    }
  }

  free(pointer: number, sizeBytes: number, alignmentBytes: number): void {
    const { free } = this.#allocator;
    if (free === undefined) return;
    this.#spend(sizeBytes);
    try {
      free(pointer, sizeBytes, alignmentBytes);
    } catch (error) {
      throw this.#poison(error);
    }
  }

  alignedAlloc(alignmentBytes: number, sizeBytes: number): number {
    const alignedAlloc = this.#has(this.#allocator.alignedAlloc, 'aligned_alloc');
    this.#spend(sizeBytes);
    try {
      return this.#given(alignedAlloc(alignmentBytes, sizeBytes), sizeBytes);
    } catch (error) {
      return this.#isWorthAnother(error) ? this.alignedAlloc(alignmentBytes, sizeBytes) : 0;
    }
  }

  get hasUsableSize(): boolean {
    return this.#allocator.usableSize !== undefined;
  }

  usableSize(pointer: number): number | undefined {
    const { usableSize } = this.#allocator;
    if (usableSize === undefined) return undefined;
    this.#spend(0);
    try {
      const bytes = usableSize(pointer);
      this.#instance.markWritten(pointer, bytes);
      return bytes;
    } catch (error) {
      throw this.#poison(error);
    }
  }

  mark(): void {
    const { mark, release, popLast } = this.#allocator;
    if (release === undefined && popLast === undefined) return;
    this.#spend(0);
    try {
      const place = mark?.();
      this.hasRefusedMark = mark !== undefined && place === undefined;
      if (!this.hasRefusedMark) this.#marks.set(place);
    } catch (error) {
      throw this.#poison(error);
    }
  }

  pop(): boolean {
    const mark = this.#marks.pop();
    if (mark === undefined) return false;
    try {
      this.#popTo(mark);
      return true;
    } catch (error) {
      throw this.#poison(error);
    }
  }

  #popTo({ place, blocks }: Mark): void {
    const { release, popLast } = this.#allocator;
    if (place !== undefined && release !== undefined) {
      this.#spend(0);
      release(place);
    }
    for (let popped = 0; popLast !== undefined && popped < blocks; popped++) {
      this.#spend(0);
      popLast();
    }
  }

  reset(): void {
    const reset = this.#resetName === undefined ? undefined : this.#instance.function(this.#resetName);
    if (reset === undefined) return;
    this.#marks.clear();
    this.#spend(0);
    try {
      reset();
    } catch (error) {
      throw this.#poison(error);
    }
  }

  grow(pages: number): boolean {
    return this.#instance.grow(pages);
  }

  run(): void {}

  statistics(): Statistics | undefined {
    const { counters = [] } = this.profile;
    if (counters.length === 0) return undefined;
    this.refuelForCounters();
    return Object.fromEntries(counters.map(({ counter }) => [counter, this.counter(counter) ?? 0]));
  }

  /** What the counter export `name` says now; undefined when there is none that takes nothing. */
  counter(name: string): number | undefined {
    const read = this.#instance.function(name);
    return read === undefined || read.length > 0 ? undefined : Number(read()) >>> 0;
  }

  #begin(): void {
    this.#window = 0;
    this.#marks.clear();
    this.#burnt = 0;
    this.#fuel = this.#instance.fuel;
    this.#resting = this.#refusesByTrap ? new RestingGlobals(this.#instance.mutableI32Globals()) : undefined;
    this.#allocator = abiNamed(this.detection.abi).bind(this.detection.names, this.access());
  }

  /** What binding an ABI needs of the running instance. */
  access(): ModuleAccess {
    const { module } = this.#instance.prepared;
    return {
      functionOf: (name) => this.#functionOf(name),
      typeOf: (name) => {
        const found = module.exports.find((entry) => entry.kind === 'function' && entry.name === name);
        return showType(functionTypeOf(module, found?.index ?? -1));
      },
      alignmentBytes: this.profile.alignmentBytes,
      alignmentFirst: this.detection.alignmentFirst ?? [],
      zeroIsABlock: this.profile.zeroMalloc === 'block',
      readU32: (pointer) => new DataView(this.memory.buffer).getUint32(pointer, true),
      writeU32: (pointer, value) => new DataView(this.memory.buffer).setUint32(pointer, value, true),
      spareWord: () => this.#spareWord(),
    };
  }

  /** Linkers place nothing around NULL but the end of the stack, and data that lies there is hardly 0. */
  #spareWord(): number | undefined {
    const { buffer } = this.memory;
    if (this.memoryBytes() < SPARE_WORD + 4) return undefined;
    return new DataView(buffer).getUint32(SPARE_WORD, true) === 0 ? SPARE_WORD : undefined;
  }

  #functionOf(name: string): Callable {
    const found = this.#instance.function(name);
    if (found === undefined) throw new Error(`the module exports no function "${name}"`);
    return found;
  }

  #has<Operation>(operation: Operation | undefined, name: string): Operation {
    if (operation === undefined) throw new Error(`${this.name} has no ${name}: see profile.operations`);
    return operation;
  }

  /** Sees to it that the operation has fuel enough for its size, without setting it every time. */
  #spend(sizeBytes: number): void {
    this.#resting?.observe();
    this.#window -= 1;
    if (this.#window >= 0 && sizeBytes < LARGE_BYTES && !this.#collects) return;
    const memoryBytes = this.memoryBytes();
    const isLarge = memoryBytes >= LARGE_MEMORY_BYTES;
    this.#window = isLarge ? 0 : WINDOW_OPERATIONS;
    const capBytes = this.#instance.prepared.capPages * 65536;
    const collected = this.#collects ? FUEL_PER_COLLECTED_BYTE * capBytes : 0;
    const fuel = WINDOW_FUEL + (isLarge ? memoryBytes : 0) + FUEL_PER_BYTE * Math.min(sizeBytes, capBytes) + collected;
    this.#refuel(Math.floor(this.patience * fuel));
  }

  /** Reading counters takes fuel, too, and none of that of operations. */
  protected refuelForCounters(): void {
    this.#window = 0;
    this.#refuel(WINDOW_FUEL);
  }

  #refuel(units: number): void {
    this.#burnt = this.stepsTaken;
    this.#fuel = units;
    this.#instance.refuel(units);
  }

  /** The caller will write what it was given. */
  #given(pointer: number, sizeBytes: number): number {
    if (pointer === 0) return 0;
    this.#marks.made(pointer);
    this.#instance.markWritten(pointer, sizeBytes);
    return pointer;
  }

  /**
   * Whether a request that ended in `error` is to be made again, as a collection has taken back what waited for it; false
   * where it is refused for good. Throws `error`, and poisons the instance, where a trap is no refusal.
   */
  #isWorthAnother(error: unknown): boolean {
    if (this.#resting === undefined || this.#instance.isOutOfFuel || !isDeliberate(error)) throw this.#poison(error);
    this.#resting.putBack();
    try {
      return this.#allocator.collect?.() === true;
    } catch (trap) {
      throw this.#poison(trap);
    }
  }

  #poison(error: unknown): unknown {
    if (this.#allocator === POISONED) return error;
    this.#allocator = POISONED;
    if (!this.#instance.isOutOfFuel) return error;
    return new FuelExhausted(`the operation took more than ${this.#fuel} function entries and loop rounds`);
  }
}

/** `unreachable` and aborting imports are how programs stop themselves; every other trap is an accident. */
function isDeliberate(error: unknown): boolean {
  if (error instanceof ModuleAborted) return true;
  return error instanceof WebAssembly.RuntimeError && error.message.includes('unreachable');
}
