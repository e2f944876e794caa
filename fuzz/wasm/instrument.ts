/**
 * Rewrites a module so that a host can see and decide what it cannot from outside: every mutable global (for exact
 * snapshots), fuel (a hang becomes a trap), memory.grow (counted, limited, refused on demand), the size of memory and the
 * pages written (for cheap restores), and coverage bits. Existing indices keep their meaning: things are only added at the end.
 */
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { code } from './code.ts';
import { UnknownInstruction } from './instructions.ts';
import {
  functionTypeOf,
  PREAMBLE,
  SECTION,
  SECTION_ORDER,
  type Section,
  sectionOf,
  type WasmModule,
} from './module.ts';
import { PRIVATE, privateCoverage, privateGlobal } from './private-names.ts';
import { reachableFunctions } from './reachable.ts';
import { replaceMemory } from './replace-memory.ts';
import { type Additions, FunctionRewriter } from './rewrite-function.ts';
import type { ValueType } from './types.ts';
import { checkBody, growPages, markBody, sizePages, TRAP_BODY, type VirtualCode } from './virtual-code.ts';
import type { VirtualLayout } from './virtual-layout.ts';

export interface InstrumentOptions {
  /** Fuel at instantiation, in function entries and loop rounds; 0 leaves fuel out. */
  readonly fuel: number;
  /** Largest size of memory, in pages, that memory.grow may reach; undefined leaves growth alone. */
  readonly growLimitPages: number | undefined;
  /** How the size of memory is pretended and writes are tracked; undefined leaves both out. */
  readonly virtualLayout: VirtualLayout | undefined;
  /** Exports whose reachable functions get coverage bits; undefined leaves coverage out. */
  readonly coverageRoots: readonly string[] | undefined;
}

export interface ExportedGlobal {
  readonly name: string;
  readonly type: ValueType;
  /** Its index in the original module. */
  readonly index: number;
}

export interface Instrumented {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The module's mutable globals, under private names. */
  readonly mutableGlobals: readonly ExportedGlobal[];
  /** Coverage edges; bit e % 32 of global `privateCoverage(floor(e / 32))` belongs to edge e. */
  readonly edges: number;
  /** Why function bodies were left as they were; undefined when they were rewritten. */
  readonly untouchedBecause: string | undefined;
}

/** Custom sections that hold offsets into function bodies, which a rewrite moves. */
const DROPPED = /^metadata\.code\./;

const I32 = 0x7f;
const I64 = 0x7e;

/**
 * The rewritten module. When a function has an instruction whose immediates are not known, function bodies stay as
 * they are: globals and memory are exported, nothing else is added, and `untouchedBecause` says why.
 */
export function instrument(module: WasmModule, options: InstrumentOptions): Instrumented {
  try {
    return new Instrumentation(module, options).run();
  } catch (error) {
    if (!(error instanceof UnknownInstruction)) throw error;
    const nothing = { fuel: 0, growLimitPages: undefined, virtualLayout: undefined, coverageRoots: undefined };
    return { ...new Instrumentation(module, nothing).run(), untouchedBecause: error.message };
  }
}

/** One pass over one module: what it adds to each section, gathered, then written. */
class Instrumentation {
  readonly #module: WasmModule;
  readonly #options: InstrumentOptions;
  readonly #types = new Addition();
  readonly #functions = new Addition();
  readonly #globals = new Addition();
  readonly #exports = new Addition();
  readonly #bodies = new Addition();

  constructor(module: WasmModule, options: InstrumentOptions) {
    this.#module = module;
    this.#options = options;
  }

  run(): Instrumented {
    const mutableGlobals = this.#exportGlobals();
    this.#exportFirst('memory', 2, PRIVATE.memory);
    this.#exportFirst('table', 1, PRIVATE.table);
    const rewriter = new FunctionRewriter(this.#additions());
    const bodies = this.#touchesCode() ? this.#rewriteBodies(rewriter) : undefined;
    for (let word = 0; word * 32 < rewriter.edges; word += 1) this.#addGlobal(privateCoverage(word), I32, 0);
    return { bytes: this.#write(bodies), mutableGlobals, edges: rewriter.edges, untouchedBecause: undefined };
  }

  #touchesCode(): boolean {
    const { fuel, growLimitPages, virtualLayout, coverageRoots } = this.#options;
    return fuel > 0 || [growLimitPages, virtualLayout, coverageRoots].some((option) => option !== undefined);
  }

  #exportGlobals(): ExportedGlobal[] {
    const exported = this.#module.globals
      .map(({ type, mutable }, index) => ({ name: privateGlobal(index), type, mutable, index }))
      .filter((global) => global.mutable);
    for (const { name, index } of exported) this.#addExport(name, 3, index);
    return exported.map(({ name, type, index }) => ({ name, type, index }));
  }

  #exportFirst(kind: 'memory' | 'table', code: number, name: string): void {
    const count = kind === 'memory' ? this.#module.memories.length : this.#module.tables.length;
    if (count > 0) this.#addExport(name, code, 0);
  }

  /** Coverage globals come last, since their number is known only after the walk. */
  #additions(): Additions {
    const { fuel, growLimitPages, virtualLayout } = this.#options;
    const fuelGlobal = fuel > 0 ? this.#addGlobal(PRIVATE.fuel, I32, fuel) : undefined;
    const growFunctions = growLimitPages === undefined ? undefined : this.#addGrowFunctions(growLimitPages);
    const virtual = virtualLayout === undefined ? undefined : this.#addVirtualCode(virtualLayout);
    const coverageGlobal = this.#options.coverageRoots === undefined ? undefined : this.#nextGlobal();
    return { fuelGlobal, growFunctions, virtual, coverageGlobal };
  }

  #addGrowFunctions(limitPages: number): number[] {
    const calls = this.#addGlobal(PRIVATE.growCalls, I32, 0);
    const refusal = this.#addGlobal(PRIVATE.growRefusal, I32, 0);
    const limit = this.#addGlobal(PRIVATE.growLimit, I32, limitPages);
    return this.#module.memories.map((memory, index) => {
      const type = memory.is64 ? I64 : I32;
      const body = growBody(sizingOf(index, memory.is64, this.#options.virtualLayout), { calls, refusal, limit });
      return this.#addFunction([0x60, 1, type, 1, type], [0, ...body]);
    });
  }

  #addVirtualCode(layout: VirtualLayout): VirtualCode {
    const otherStateGlobal = this.#addGlobal(PRIVATE.otherState, I32, 0);
    const range = [0x60, 2, I32, I32, 0];
    const trapFunction = this.#addFunction([0x60, 0, 0], [0, ...TRAP_BODY]);
    const checkFunction = this.#addFunction(range, [0, ...checkBody(layout, trapFunction)]);
    const markFunction = this.#addFunction(range, [1, 1, I32, ...markBody(layout, checkFunction)]);
    return { layout, trapFunction, checkFunction, markFunction, otherStateGlobal };
  }

  #rewriteBodies(rewriter: FunctionRewriter): Uint8Array {
    const contents = sectionOf(this.#module.sections, SECTION.code)?.contents ?? new Uint8Array([0]);
    const reader = new ByteReader(contents);
    const out = new ByteWriter(contents.length * 2);
    const roots = this.#options.coverageRoots;
    const covered = roots === undefined ? new Set<number>() : reachableFunctions(this.#module, roots);
    const count = reader.u32();
    out.u32(count + this.#bodies.count);
    for (let index = this.#module.importedFunctionCount; !reader.done; index += 1) {
      const paramCount = functionTypeOf(this.#module, index)?.params.length ?? 0;
      rewriter.rewrite(reader, paramCount, covered.has(index), out);
    }
    return out.bytes(this.#bodies.bytes.view()).view();
  }

  #nextGlobal(): number {
    return this.#module.globals.length + this.#globals.count;
  }

  /** A mutable global of `type`, exported as `name`; its index. */
  #addGlobal(name: string, type: number, initial: number): number {
    const index = this.#nextGlobal();
    this.#globals.add((writer) =>
      writer
        .bytes([type, 1, type === I32 ? 0x41 : 0x42])
        .s32(initial)
        .u8(0x0b),
    );
    this.#addExport(name, 3, index);
    return index;
  }

  #addExport(name: string, kind: number, index: number): void {
    this.#exports.add((writer) => writer.text(name).u8(kind).u32(index));
  }

  /** A function of a type of its own; its index. `body` is its locals and instructions. */
  #addFunction(type: readonly number[], body: readonly number[]): number {
    const index = this.#module.functions.length + this.#functions.count;
    const typeIndex = this.#module.types.length + this.#types.count;
    this.#types.add((writer) => writer.bytes(type));
    this.#functions.add((writer) => writer.u32(typeIndex));
    this.#bodies.add((writer) => writer.u32(body.length).bytes(body));
    return index;
  }

  #write(bodies: Uint8Array | undefined): Uint8Array<ArrayBuffer> {
    const changed = new Map<number, Uint8Array>();
    const extend = (id: number, addition: Addition) => this.#extend(changed, id, addition);
    extend(SECTION.type, this.#types);
    extend(SECTION.function, this.#functions);
    extend(SECTION.global, this.#globals);
    extend(SECTION.export, this.#exports);
    if (bodies !== undefined && bodies.length > 1) changed.set(SECTION.code, bodies);
    const layout = this.#options.virtualLayout;
    if (layout !== undefined) replaceMemory(this.#module.sections, changed, layout.physicalPages);
    return writeModule(this.#module.sections, changed);
  }

  #extend(changed: Map<number, Uint8Array>, id: number, addition: Addition): void {
    if (addition.count === 0) return;
    const reader = new ByteReader(sectionOf(this.#module.sections, id)?.contents ?? new Uint8Array([0]));
    const writer = new ByteWriter(reader.end + addition.bytes.length + 5);
    writer.u32(reader.u32() + addition.count).bytes(reader.bytes.subarray(reader.offset));
    changed.set(id, writer.bytes(addition.bytes.view()).view());
  }
}

/** Items to append to a section's vector. */
class Addition {
  count = 0;
  readonly bytes = new ByteWriter();

  add(write: (writer: ByteWriter) => void): void {
    write(this.bytes);
    this.count += 1;
  }
}

/** Sections as they came, with `changed` contents; sections that were absent go where the order wants them. */
function writeModule(sections: readonly Section[], changed: ReadonlyMap<number, Uint8Array>): Uint8Array<ArrayBuffer> {
  const all = sections.filter((section) => !DROPPED.test(section.name));
  for (const [id, contents] of changed) {
    const index = all.findIndex((section) => section.id === id);
    if (index >= 0) all.splice(index, 1, { id, name: '', contents });
    else all.splice(placeFor(all, id), 0, { id, name: '', contents });
  }
  const writer = new ByteWriter(all.reduce((sum, section) => sum + section.contents.length + 6, 8));
  writer.bytes(PREAMBLE);
  for (const { id, contents } of all) writer.section(id, contents);
  return writer.view();
}

/** After the last section that must come before `id`, so that custom sections at the end stay there. */
function placeFor(sections: readonly Section[], id: number): number {
  const rank = SECTION_ORDER.indexOf(id);
  return sections.findLastIndex((section) => section.id !== 0 && SECTION_ORDER.indexOf(section.id) < rank) + 1;
}

/** Instructions about the size of a memory: push its pages as i32; grow by local 0, as memory.grow does. */
interface Sizing {
  readonly type: 'i32' | 'i64';
  readonly size: string;
  readonly grow: string;
}

function sizingOf(memory: number, is64: boolean, layout: VirtualLayout | undefined): Sizing {
  if (layout !== undefined) return { type: 'i32', size: sizePages(layout), grow: growPages(layout) };
  const index = `0x${memory.toString(16)}`;
  const size = `0x3f ${index} ${is64 ? 'i32.wrap_i64' : ''}`;
  return { type: is64 ? 'i64' : 'i32', size, grow: `local.get 0 0x40 ${index}` };
}

/** Stands for memory.grow: counts, refuses when the countdown ends, refuses beyond the limit, and else grows. */
function growBody({ type, size, grow }: Sizing, globals: { calls: number; refusal: number; limit: number }): number[] {
  const { calls, refusal, limit } = globals;
  const widen = type === 'i64' ? 'i64.extend_i32_u' : '';
  return code(`
    local.get 0 ${type}.eqz if void ${size} ${widen} return end
    global.get ${calls} i32.const 1 i32.add global.set ${calls}
    global.get ${refusal} if void
      global.get ${refusal} i32.const 1 i32.sub global.set ${refusal}
      global.get ${refusal} i32.eqz if void ${type}.const -1 return end
    end
    ${size} global.get ${limit} i32.gt_u if void ${type}.const -1 return end
    local.get 0 global.get ${limit} ${size} i32.sub ${widen} ${type}.gt_u
    if void ${type}.const -1 return end
    ${grow} end`);
}
