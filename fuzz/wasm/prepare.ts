/** What is done once a module: parse, instrument, compile. */
import { CannotInstantiate, messageOf } from './imports.ts';
import { type Instrumented, instrument } from './instrument.ts';
import { parseModule, type WasmModule } from './module.ts';
import { isPlainValue } from './rewrite-function.ts';
import { type VirtualLayout, virtualLayout } from './virtual-layout.ts';

export const PAGE_BYTES = 65536;

/** Memory may grow to this unless told otherwise: enough for any allocator to show all it does, small enough to repeat. */
export const DEFAULT_MEMORY_CAP_BYTES = 64 * 1024 * 1024;

/** Fuel for instantiation and initialisers: constructors of large modules take a few million units. */
export const STARTUP_FUEL = 2 ** 30;

export interface PrepareOptions {
  /** The largest size memory may grow to, in bytes. A module whose memory starts larger keeps its size. */
  readonly memoryCapBytes?: number;
  /** Exports whose reachable functions get coverage bits. Left out, nothing does. */
  readonly coverageRoots?: readonly string[];
}

export interface PreparedModule {
  readonly module: WasmModule;
  readonly instrumented: Instrumented;
  readonly compiled: WebAssembly.Module;
  /** Pages memory may have. */
  readonly capPages: number;
  /** How the size of memory is pretended, so that an instance can be put back; undefined where only a new one will do. */
  readonly layout: VirtualLayout | undefined;
  /** What makes the heap, where nothing is there without it. */
  readonly heapInitialiser?: HeapInitialiser;
}

/** A call of an export that comes before all others. */
export interface HeapInitialiser {
  readonly name: string;
  /** Its arguments, each an i32. */
  readonly values: readonly number[];
  /** Pages that the host adds to memory before the call; there must be room for them below the cap. */
  readonly grownPages: number;
  /** Where the call says that the heap shall lie; undefined when it says nothing of the kind. */
  readonly region?: HeapRegion;
}

/** Addresses in bytes; `end` is the first behind. */
export interface HeapRegion {
  readonly start: number;
  readonly end: number;
}

/** Throws MalformedModule when the bytes cannot be read, CannotInstantiate when this engine refuses them. */
export function prepareModule(bytes: Uint8Array, options: PrepareOptions = {}): PreparedModule {
  const module = parseModule(bytes);
  const minimum = module.memories[0]?.minimum ?? 0;
  const wantedPages = Math.floor((options.memoryCapBytes ?? DEFAULT_MEMORY_CAP_BYTES) / PAGE_BYTES);
  const capPages = Math.max(minimum, Math.min(wantedPages, module.memories[0]?.maximum ?? wantedPages));
  const wanted = hasPlainGlobals(module) ? virtualLayout(module, capPages) : undefined;
  const { coverageRoots } = options;
  const instrumented = instrument(module, {
    fuel: STARTUP_FUEL,
    growLimitPages: capPages,
    virtualLayout: wanted,
    coverageRoots,
  });
  const layout = instrumented.untouchedBecause === undefined ? wanted : undefined;
  return { module, instrumented, compiled: compile(bytes, instrumented), capPages, layout };
}

/** Whether every global that may change can be read and put back. */
function hasPlainGlobals({ globals }: WasmModule): boolean {
  return globals.every(({ type, mutable }) => !mutable || isPlainValue(type));
}

/** A module that is invalid by itself is told apart from one that the rewriter broke. */
function compile(bytes: Uint8Array, instrumented: Instrumented): WebAssembly.Module {
  try {
    return new WebAssembly.Module(instrumented.bytes);
  } catch (error) {
    const isOurs = WebAssembly.validate(new Uint8Array(bytes));
    const whose = isOurs ? 'the instrumented module is invalid, which is a defect of heaplaw' : 'the module is invalid';
    throw new CannotInstantiate(`${whose}: ${messageOf(error)}`);
  }
}
