/** Reading and writing one number, by every peer. */
import { WasmMemory } from '../../src/index.ts';
import type { BenchResult, Row, Target } from '../bench.ts';
import { compiledLoop } from '../compiled-loop.ts';
import { interleave } from '../interleave.ts';
import { EmscriptenHeap } from './peers/emscripten-heap.ts';
import { ViewPerAccessMemory } from './peers/view-per-access.ts';
import { WasmBindgenViews } from './peers/wasm-bindgen-views.ts';

const raw = new WebAssembly.Memory({ initial: 1 });

/** What the expressions below may name. `bare` is the limit: a view kept for good, and no check but its own. */
const SCOPE = {
  ours: new WasmMemory(raw),
  bare: new DataView(raw.buffer),
  perAccess: new ViewPerAccessMemory(raw),
  heap: new EmscriptenHeap(raw),
  bindgen: new WasmBindgenViews(raw),
  bigs: [0n, 1n, -1n, 2n ** 40n, -(2n ** 63n), 2n ** 63n - 1n, 12345678901234n, -7n],
};

/** Peers in the order of their columns. */
const PEERS = ['heaplaw', 'bare view', 'view per access', 'Emscripten heap', 'wasm-bindgen'] as const;

/** `at` is a multiple of 8, `i` counts up. */
const ACCESSES: Readonly<Record<string, readonly [string, string, string, string, string]>> = {
  readI32: [
    'ours.readI32(at)',
    'bare.getInt32(at, true)',
    'perAccess.readI32(at)',
    'heap.HEAP32[at >> 2]',
    'bindgen.view().getInt32(at, true)',
  ],
  writeI32: [
    'ours.writeI32(at, i)',
    'bare.setInt32(at, i, true)',
    'perAccess.writeI32(at, i)',
    'heap.HEAP32[at >> 2] = i',
    'bindgen.view().setInt32(at, i, true)',
  ],
  readI64: [
    'ours.readI64(at)',
    'bare.getBigInt64(at, true)',
    'perAccess.readI64(at)',
    'heap.HEAP64[at >> 3]',
    'bindgen.view().getBigInt64(at, true)',
  ],
  writeI64: [
    'ours.writeI64(at, bigs[i & 7])',
    'bare.setBigInt64(at, bigs[i & 7], true)',
    'perAccess.writeI64(at, bigs[i & 7])',
    'heap.HEAP64[at >> 3] = bigs[i & 7]',
    'bindgen.view().setBigInt64(at, bigs[i & 7], true)',
  ],
  readF32: [
    'ours.readF32(at)',
    'bare.getFloat32(at, true)',
    'perAccess.readF32(at)',
    'heap.HEAPF32[at >> 2]',
    'bindgen.view().getFloat32(at, true)',
  ],
  writeF32: [
    'ours.writeF32(at, i * 0.5)',
    'bare.setFloat32(at, i * 0.5, true)',
    'perAccess.writeF32(at, i * 0.5)',
    'heap.HEAPF32[at >> 2] = i * 0.5',
    'bindgen.view().setFloat32(at, i * 0.5, true)',
  ],
  readF64: [
    'ours.readF64(at)',
    'bare.getFloat64(at, true)',
    'perAccess.readF64(at)',
    'heap.HEAPF64[at >> 3]',
    'bindgen.view().getFloat64(at, true)',
  ],
  writeF64: [
    'ours.writeF64(at, i * 0.5)',
    'bare.setFloat64(at, i * 0.5, true)',
    'perAccess.writeF64(at, i * 0.5)',
    'heap.HEAPF64[at >> 3] = i * 0.5',
    'bindgen.view().setFloat64(at, i * 0.5, true)',
  ],
};

/** Reads, checks and writes every number type. */
export function numbersBench(): BenchResult {
  const rows = Object.entries(ACCESSES).map(([work, expressions]) => measure(work, expressions));
  return { title: 'Numbers', rows, targets: rows.flatMap(targetsOf) };
}

function measure(work: string, expressions: readonly string[]): Row {
  const variants = expressions.map((expression, index) => ({
    name: PEERS[index] ?? expression,
    run: compiledLoop(expression, SCOPE),
  }));
  return { work, timings: interleave(variants) };
}

function targetsOf(row: Row): Target[] {
  const perAccess = row.work.endsWith('I64') ? 4 : 20;
  return [
    { claim: `${row.work} against a bare view`, row, slow: 'bare view', fast: 'heaplaw', atLeast: 0.5 },
    {
      claim: `${row.work} against a view per access`,
      row,
      slow: 'view per access',
      fast: 'heaplaw',
      atLeast: perAccess,
    },
  ];
}
