/** What is done once a module: parse, instrument, compile. */
import { CannotInstantiate, messageOf } from './imports.ts';
import { granuleShiftFor, type Instrumented, instrument } from './instrument.ts';
import { parseModule, type WasmModule } from './module.ts';
import { isPlainValue } from './rewrite-function.ts';

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
  /** Size of a granule of write tracking, as a power of two. */
  readonly granuleShift: number;
  /** Whether an instance can be put back by restoring memory and globals. */
  readonly restorable: boolean;
}

/** Throws MalformedModule when the bytes cannot be read, CannotInstantiate when this engine refuses them. */
export function prepareModule(bytes: Uint8Array, options: PrepareOptions = {}): PreparedModule {
  const module = parseModule(bytes);
  const minimum = module.memories[0]?.minimum ?? 0;
  const wantedPages = Math.floor((options.memoryCapBytes ?? DEFAULT_MEMORY_CAP_BYTES) / PAGE_BYTES);
  const capPages = Math.max(minimum, Math.min(wantedPages, module.memories[0]?.maximum ?? wantedPages));
  const granuleShift = granuleShiftFor(Math.max(1, minimum) * PAGE_BYTES);
  const instrumented = instrument(module, {
    fuel: STARTUP_FUEL,
    growLimitPages: capPages,
    granuleShift,
    coverageRoots: options.coverageRoots,
  });
  const restorable =
    instrumented.untouchedBecause === undefined && instrumented.mutableGlobals.every(({ type }) => isPlainValue(type));
  return { module, instrumented, compiled: compile(bytes, instrumented), capPages, granuleShift, restorable };
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
