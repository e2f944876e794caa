/**
 * A running module with nothing at hand: imports are stubs, initialisers are called once and in order, memory is
 * capped, and `restart` brings back the first state exactly, by the cheapest way that is exact.
 */
import { Host, type HostAccess, ModuleAborted } from './host.ts';
import { CannotInstantiate, makeImports, messageOf } from './imports.ts';
import { type LinearMemory, PlainMemory } from './linear-memory.ts';
import { functionTypeOf, type WasmModule } from './module.ts';
import { type HeapInitialiser, PAGE_BYTES, type PreparedModule, STARTUP_FUEL } from './prepare.ts';
import { PRIVATE, privateCoverage } from './private-names.ts';
import { Snapshot } from './snapshot.ts';
import { showType } from './types.ts';
import type { VirtualLayout } from './virtual-layout.ts';
import { VirtualMemory } from './virtual-memory.ts';

/** A call used up its fuel: it looped for longer than any allocation takes. */
export class OutOfFuel extends Error {
  override readonly name = 'OutOfFuel';
}

/** Initialisers, in the order they are called. `_initialize` calls the constructors itself. */
const STACK_INITIALISER = 'emscripten_stack_init';
const REACTOR_INITIALISERS = ['_initialize', '__wasm_call_ctors'];
/** These run user code against an environment that is not there, so their failure is noted and lived with. */
const OPTIONAL_INITIALISERS = ['__wbindgen_start'];
/** With threads it is told how large the stack of this one is to be, in bytes; 0 for the usual. */
const USUAL_STACK = 0;

/** No program has more exports than names of so many characters. */
const MINIFIED_CHARACTERS = 3;

/** The memory of a module after initialisation, which every instance shares: reading 16 MiB takes tens of milliseconds. */
const IMAGES = new WeakMap<PreparedModule, Uint8Array>();

/** A global whose value is a number, by its export. */
type NumericGlobal = { value: number };

export class Instance {
  readonly prepared: PreparedModule;
  /** What the user should know about how this instance came up. */
  readonly notes: string[] = [];
  /** Imports of unknown meaning that were called, `module.name`. */
  readonly unknownCalls = new Set<string>();
  readonly #host: Host;
  #exports: WebAssembly.Exports = {};
  #memory: LinearMemory | undefined;
  #snapshot: Snapshot | undefined;
  #fuel: NumericGlobal = { value: 0 };
  #growCalls: NumericGlobal = { value: 0 };
  #growRefusal: NumericGlobal = { value: 0 };
  #growLimit: NumericGlobal = { value: 0 };
  #coverage: NumericGlobal[] = [];
  readonly #skipped = new Set<string>();

  /** Throws CannotInstantiate when an import cannot be supplied or an initialiser fails. */
  constructor(prepared: PreparedModule) {
    this.prepared = prepared;
    this.#host = new Host(this.#hostAccess());
    this.#instantiate();
  }

  /** The linear memory, of which the module sees the first `memoryBytes()`. The same object until `restart`. */
  get memory(): WebAssembly.Memory {
    return this.#linearMemory().raw;
  }

  /** The size of memory as the module sees it, in bytes. */
  memoryBytes(): number {
    return this.#linearMemory().sizeBytes();
  }

  /** The exported function `name`; undefined when there is none. Another object after `restart`. */
  function(name: string): ((...values: number[]) => unknown) | undefined {
    const value = this.#exports[name];
    return typeof value === 'function' ? (value as (...values: number[]) => unknown) : undefined;
  }

  /** The value of the exported i32 global `name`; undefined when there is none. */
  globalValue(name: string): number | undefined {
    const value = this.#exports[name];
    if (!(value instanceof WebAssembly.Global)) return undefined;
    const number: unknown = value.value;
    return typeof number === 'number' ? number >>> 0 : undefined;
  }

  /** The module's own mutable i32 globals, as this instance has them. */
  mutableI32Globals(): NumericGlobal[] {
    const { mutableGlobals } = this.prepared.instrumented;
    return mutableGlobals.filter(({ type }) => type === 'i32').map(({ name }) => this.#global(name));
  }

  /** Back to the state after initialisation, exactly, whatever happened since. May replace `memory`. */
  restart(): void {
    this.#host.restart();
    if (this.#snapshot?.restore() === true) this.#resetControls();
    else this.#instantiate();
  }

  /** Units of fuel for the calls to come: one is taken at every function entry and loop round. At most 2^31 - 1. */
  refuel(units: number): void {
    this.#fuel.value = units;
  }

  /** Units that are left of what the last `refuel` gave; below 0 after they were used up. */
  get fuel(): number {
    return this.#fuel.value;
  }

  /** True when the last trap was the end of the fuel. */
  get isOutOfFuel(): boolean {
    return this.#fuel.value < 0;
  }

  /** Requests to grow memory since `restart`. */
  get growCalls(): number {
    return this.#growCalls.value;
  }

  /** Refuses the `call`-th request to grow memory from now on, counted from 1; 0 refuses none. */
  refuseGrowth(call: number): void {
    this.#growRefusal.value = call;
  }

  /** Refuses every growth until `restart`, so that the heap is as good as fixed. */
  freezeGrowth(): void {
    this.#growLimit.value = this.memoryBytes() / PAGE_BYTES;
  }

  /** Tells that the host wrote [pointer, pointer + sizeBytes), give or take 16 bytes. */
  markWritten(pointer: number, sizeBytes: number): void {
    this.#memory?.markWritten(pointer, sizeBytes);
  }

  /** Grows memory by `pages`, within the cap. False when it is refused. */
  grow(pages: number): boolean {
    this.#growCalls.value += 1;
    return !this.#isRefusalDue() && this.#fitsLimit(pages) && this.#linearMemory().grow(pages);
  }

  /** Ors the coverage bits into `bits` (one word of 32 edges each) and clears them. True when a bit was new. */
  takeCoverage(bits: Int32Array): boolean {
    let isNew = false;
    for (let word = 0; word < this.#coverage.length; word += 1) {
      const global = this.#coverage[word];
      const value = global?.value ?? 0;
      if (value === 0 || global === undefined) continue;
      const known = bits[word] ?? 0;
      isNew ||= (value & ~known) !== 0;
      bits[word] = known | value;
      global.value = 0;
    }
    return isNew;
  }

  #isRefusalDue(): boolean {
    if (this.#growRefusal.value === 0) return false;
    this.#growRefusal.value -= 1;
    return this.#growRefusal.value === 0;
  }

  #fitsLimit(pages: number): boolean {
    return this.memoryBytes() / PAGE_BYTES + pages <= this.#growLimit.value;
  }

  #linearMemory(): LinearMemory {
    if (this.#memory === undefined) throw new CannotInstantiate('the module has no memory, so it has no allocator');
    return this.#memory;
  }

  #instantiate(): void {
    // What the old instance holds is let go first, so that two memories need not exist at once.
    this.#snapshot = undefined;
    this.#memory = undefined;
    this.#connect();
    this.#initialise();
    this.#takeSnapshot();
    this.#resetControls();
  }

  #takeSnapshot(): void {
    if (!(this.#memory instanceof VirtualMemory)) return;
    this.#snapshot = new Snapshot(this.prepared, this.#exports, this.#memory, IMAGES.get(this.prepared));
    IMAGES.set(this.prepared, this.#snapshot.image.bytes);
  }

  #connect(): void {
    const { compiled, module, capPages, layout } = this.prepared;
    const imports = makeImports(module, this.#host, this.prepared);
    try {
      this.#exports = new WebAssembly.Instance(compiled, imports).exports;
    } catch (error) {
      throw new CannotInstantiate(`the module does not start: ${messageOf(error)}`);
    }
    const raw = this.#exports[PRIVATE.memory];
    this.#memory = raw instanceof WebAssembly.Memory ? linearMemory(raw, layout) : undefined;
    this.#fuel = this.#global(PRIVATE.fuel);
    this.#growCalls = this.#global(PRIVATE.growCalls);
    this.#growRefusal = this.#global(PRIVATE.growRefusal);
    this.#growLimit = this.#global(PRIVATE.growLimit);
    this.#growLimit.value = capPages;
    const words = Math.ceil(this.prepared.instrumented.edges / 32);
    this.#coverage = Array.from({ length: words }, (_, word) => this.#global(privateCoverage(word)));
  }

  /** An exported global; a plain object of value 0 where the module was left untouched. */
  #global(name: string): NumericGlobal {
    const global = this.#exports[name];
    return global instanceof WebAssembly.Global ? (global as NumericGlobal) : { value: 0 };
  }

  #initialise(): void {
    if (this.function(STACK_INITIALISER)?.length === 0) this.#call(STACK_INITIALISER);
    const reactor = REACTOR_INITIALISERS.find((name) => this.#isInitialiser(name));
    if (reactor !== undefined) this.#call(reactor);
    for (const call of optionalInitialisers(this.prepared)) if (!this.#tryOptional(call)) return;
  }

  #isInitialiser(name: string, parameters = 0): boolean {
    return this.function(name)?.length === parameters;
  }

  #call(name: string): void {
    try {
      this.function(name)?.();
    } catch (error) {
      throw new CannotInstantiate(`the initialiser ${name} fails without its environment: ${messageOf(error)}`);
    }
  }

  /** False once an optional initialiser has failed: the instance was made anew without it, and all others were called. */
  #tryOptional({ name, values, grownPages }: HeapInitialiser): boolean {
    if (this.#skipped.has(name) || !this.#isInitialiser(name, values.length)) return true;
    try {
      if (grownPages > 0) this.#linearMemory().grow(grownPages);
      this.function(name)?.(...values);
      return true;
    } catch (error) {
      // A program that ends well leaves its heap as its author wanted it.
      if (error instanceof ModuleAborted && error.exitStatus === 0) return true;
      this.#skipped.add(name);
      this.notes.push(`${name} was not run: it fails without its environment (${messageOf(error)})`);
      this.#host.restart();
      this.#connect();
      this.#initialise();
      return false;
    }
  }

  #resetControls(): void {
    this.#fuel.value = STARTUP_FUEL;
    this.#growCalls.value = 0;
    this.#growRefusal.value = 0;
    this.#growLimit.value = this.prepared.capPages;
    for (const word of this.#coverage) word.value = 0;
  }

  #hostAccess(): HostAccess {
    return {
      memory: () => this.#memory,
      table: () => this.#table(),
      grow: (pages) => this.grow(pages),
      unknownCall: (name) => this.unknownCalls.add(name),
    };
  }

  #table(): WebAssembly.Table | undefined {
    const table = this.#exports[PRIVATE.table];
    return table instanceof WebAssembly.Table ? table : undefined;
  }
}

function linearMemory(raw: WebAssembly.Memory, layout: VirtualLayout | undefined): LinearMemory {
  return layout === undefined ? new PlainMemory(raw) : new VirtualMemory(raw, layout);
}

/** TinyGo's runtime sets up its heap in `_start`; every other module's `_start` is a program, which is not run. */
function optionalInitialisers({ module, heapInitialiser }: PreparedModule): HeapInitialiser[] {
  const command = module.imports.some((entry) => entry.module === 'gojs') ? ['_start'] : [];
  const named = (values: readonly number[]) => (name: string) => ({ name, values, grownPages: 0 });
  const calls = [
    ...[...minifiedConstructors(module), ...OPTIONAL_INITIALISERS, ...command].map(named([])),
    ...OPTIONAL_INITIALISERS.map(named([USUAL_STACK])),
  ];
  return heapInitialiser === undefined ? calls : [...calls, heapInitialiser];
}

/** Emscripten shortens the names of all exports and keeps their order, in which the constructors come first. */
function minifiedConstructors(module: WasmModule): string[] {
  const functions = module.exports.filter(({ kind }) => kind === 'function');
  const [first] = functions;
  if (first === undefined || functions.some(({ name }) => name.length > MINIFIED_CHARACTERS)) return [];
  const takesAndGivesNothing = showType(functionTypeOf(module, first.index)) === showType({ params: [], results: [] });
  return takesAndGivesNothing ? [first.name] : [];
}
