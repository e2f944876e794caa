/** An instance that is put back, its memory size pretended, beside one that is made anew for every trace. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { PlainRunner } from '../against/plain-run.ts';
import { Lockstep } from '../lockstep.ts';
import { Workbench } from '../misuse/workbench.ts';
import { generateTrace } from '../trace/generate.ts';
import { Random } from '../trace/random.ts';

import { type Trace, traceOf } from '../trace/trace.ts';
import { assemble } from '../wasm/assemble.ts';
import { instrument } from '../wasm/instrument.ts';
import { type PreparedModule, STARTUP_FUEL } from '../wasm/prepare.ts';
import { ModuleSubject } from './module-subject.ts';
import { memoryBytesOf } from './subject.ts';
import { type ModuleDefinition, subjectFromModule } from './wasm-module.ts';

const TRACES = 12;
const OPERATIONS = 300;
/** A repetition is many rounds without a restart. */
const REPEATED = 6;
const ROUNDS = 6;

const ZOO = [
  ...['free-list', 'segregated', 'buddy', 'bump', 'sound-doubling', 'sound-globals'],
  ...['abi-c-full', 'abi-bindgen-new', 'abi-component', 'abi-assemblyscript', 'abi-tinygo', 'abi-lua-alloc'],
  ...['abi-emscripten-standalone', 'abi-minified', 'abi-alloc-dealloc-sized'],
  ...['buddy-free-word-at-the-end', 'buddy-order-beyond-2g', 'buddy-refusal-loses-a-block'],
].map((name) => `wasm/dist/zoo/${name}.wasm`);

const MODULES = [
  ...ZOO,
  'wasm/dist/reclaiming.wasm',
  'node_modules/wasmoon/dist/glue.wasm',
  'node_modules/harfbuzzjs/dist/harfbuzz.wasm',
  'node_modules/@sqlite.org/sqlite-wasm/sqlite-wasm/jswasm/sqlite3.wasm',
];

/** For the module whose exports say nothing, with an imported memory that the host grows. */
const MINIFIED = { map: { malloc: 'b', free: 'c', realloc: 'd', calloc: 'e', aligned_alloc: 'f' } };

function definitionOf(path: string): ModuleDefinition {
  const bytes = readFileSync(new URL(`../../${path}`, import.meta.url));
  return subjectFromModule(bytes, path.includes('minified') ? MINIFIED : {});
}

/** The same module with memory as it is, which no restart can shrink: every trace has an instance of its own. */
function plainly(prepared: PreparedModule): PreparedModule {
  const { module, capPages } = prepared;
  const options = { fuel: STARTUP_FUEL, growLimitPages: capPages, virtualLayout: undefined, coverageRoots: undefined };
  const instrumented = instrument(module, options);
  return { ...prepared, instrumented, compiled: new WebAssembly.Module(instrumented.bytes), layout: undefined };
}

/** What every trace comes to: its violation, and a digest of all answers. */
function outcomes(subject: ModuleSubject, traces: readonly Trace[]): unknown[] {
  const lockstep = new Lockstep(subject);
  const ran = traces.map((trace) => [lockstep.run(trace) ?? 'sound', lockstep.answers, subject.instance.growCalls]);
  const repeated = traces
    .slice(0, REPEATED)
    .map((trace) => [lockstep.runRepeated(trace, ROUNDS) ?? 'sound', lockstep.answers]);
  return [...ran, ...repeated];
}

describe('a subject whose memory is put back', () => {
  it.each(MODULES)('answers as fresh instances do: %s', (path) => {
    const definition = definitionOf(path);
    const { prepared, detection } = definition;
    const { profile } = definition.probed();
    const random = new Random(20);
    const traces = Array.from({ length: TRACES }, () => generateTrace(random, profile, OPERATIONS, 1));
    const restored = new ModuleSubject('module', prepared, detection, profile);
    const { memory } = restored;
    const fresh = new ModuleSubject('module', plainly(prepared), detection, profile);
    expect(outcomes(restored, traces)).toEqual(outcomes(fresh, traces));
    expect([restored.memory === memory, prepared.layout === undefined]).toEqual([true, false]);
  });

  it('may not give or touch what lies beyond the size that is pretended', () => {
    const end = 65536;
    const body = (instructions: string) => ({
      memory: [1, 1, 3],
      functions: [
        { name: 'malloc', params: ['i32'], results: ['i32'], body: instructions },
        { name: 'free', params: ['i32'], body: 'nop' },
        { name: 'grow', results: ['i32'], body: 'i32.const 1 memory.grow' },
      ] as const,
    });
    const profile = { ...definitionOf('wasm/dist/zoo/free-list.wasm').probed().profile, counters: [] };
    const violationOf = (instructions: string) => {
      const definition = subjectFromModule(assemble(body(instructions)), { profile });
      return new Lockstep(definition.create()).run(traceOf([{ kind: 'malloc', operands: [0, 32] }]));
    };
    expect(violationOf(`i32.const ${end - 32}`)).toBeUndefined();
    expect(violationOf(`i32.const ${end - 16}`)).toMatchObject({ law: 'regions-stay-in-bounds' });
    expect(violationOf(`i32.const ${end} i32.const 1 i32.store8 0 0 i32.const 1024`)).toMatchObject({
      law: 'operations-never-trap',
      answer: expect.stringContaining('memory access out of bounds'),
    });
  });

  it('has the size that it pretends for all who ask', () => {
    const subject = definitionOf('wasm/dist/zoo/free-list.wasm').create();
    expect(new Workbench(subject).bytes().length).toBe(subject.memoryBytes());
    const run = new PlainRunner(subject, subject.profile).run(traceOf([{ kind: 'malloc', operands: [0, 1_000_000] }]));
    expect(run.grownPages).toBeGreaterThanOrEqual(15);
    expect(memoryBytesOf(subject)).toBeLessThan(memoryBytesOf({ memory: subject.memory }));
  });

  it('is looked at with traces that grow memory and that are refused', () => {
    const subject = definitionOf('wasm/dist/zoo/free-list.wasm').create();
    const random = new Random(20);
    const sizes = Array.from({ length: TRACES }, () => {
      new Lockstep(subject).run(generateTrace(random, subject.profile, OPERATIONS, 1));
      return subject.memoryBytes();
    });
    expect(new Set(sizes).size).toBeGreaterThan(5);
  });
});
