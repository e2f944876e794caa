/** Modules that others built: detected, probed and fuzzed with nothing but their bytes. */
import { describe, expect, it } from 'vitest';
import { fuzzModule } from '../../fuzz/library/fuzz-module.ts';
import { judge, Lockstep } from '../../fuzz/lockstep.ts';
import type { ModuleDefinition } from '../../fuzz/subjects/wasm-module.ts';
import { subjectFromModule } from '../../fuzz/subjects/wasm-module.ts';
import { generateTrace } from '../../fuzz/trace/generate.ts';
import { Random } from '../../fuzz/trace/random.ts';
import { parseTrace } from '../../fuzz/trace/text.ts';
import { bytesOf, REAL_MODULES, type RealModule } from './packages.ts';

/** Traces of a campaign, half of them mutated: a second for each module. `npm run fuzz` has the time for more. */
const RUNS = 24;
/** Traces that are drawn and not shrunk, over all operations. */
const DRAWN = 12;
const OPERATIONS = 300;

const definitions = new Map<string, ModuleDefinition>();

/** Probed once for all tests of a module. */
function definitionOf(module: RealModule): ModuleDefinition {
  const known = definitions.get(module.file);
  if (known !== undefined) return known;
  const pinned = module.pinned === undefined ? {} : { profile: module.pinned };
  const opened = subjectFromModule(bytesOf(module), { name: module.file, ...pinned });
  definitions.set(module.file, opened);
  return opened;
}

describe.each(REAL_MODULES)('$file', (module) => {
  it('is detected', () => {
    const { detection } = definitionOf(module);
    expect(detection.abi).toBe(module.abi);
    expect(Object.values(detection.names)).toEqual(expect.arrayContaining([...module.exports]));
  });

  it.skipIf(module.pinned !== undefined)('is probed', () => {
    expect(definitionOf(module).probed().profile).toMatchObject(module.promises);
  });

  it.each(module.defects)('breaks $law in a fresh instance', ({ law, trace }) => {
    const lockstep = new Lockstep(definitionOf(module).create());
    expect(judge(lockstep, parseTrace(trace).trace)?.law).toBe(law);
  });

  const known = new Set(module.defects.map(({ law }) => law));

  it('shows nothing else', () => {
    const { profile: whole } = definitionOf(module).probed();
    const operations = whole.operations.filter((kind) => !module.leftOut?.includes(kind));
    const profile = { ...whole, operations };
    const { findings, figures } = fuzzModule(bytesOf(module), { profile, runs: RUNS, maxOps: OPERATIONS });
    expect(findings.filter(({ law }) => !known.has(law)).map(({ text }) => text)).toEqual([]);
    expect(figures.runs).toBe(RUNS);
  });

  it.runIf(module.leftOut)('breaks no other law with the operations that a campaign leaves out', () => {
    const lockstep = new Lockstep(definitionOf(module).create());
    const random = new Random(1);
    for (let run = 0; run < DRAWN; run += 1) {
      const violation = judge(lockstep, generateTrace(random, lockstep.subject.profile, OPERATIONS));
      if (violation !== undefined) expect(known, JSON.stringify(violation)).toContain(violation.law);
    }
  });
});
