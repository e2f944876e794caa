/** Reading and writing one string, by length and by what it is made of. */
import { WasmMemory } from '../../src/index.ts';
import type { BenchResult, Row, Target } from '../bench.ts';
import { compiledLoop } from '../compiled-loop.ts';
import { interleave } from '../interleave.ts';
import { EmscriptenHeap } from './peers/emscripten-heap.ts';
import { ViewPerAccessMemory } from './peers/view-per-access.ts';
import { WasmBindgenViews } from './peers/wasm-bindgen-views.ts';

const raw = new WebAssembly.Memory({ initial: 8 });

/** What the expressions below may name, besides `text` and the `size` of its UTF-8. */
const SCOPE = {
  ours: new WasmMemory(raw),
  bytes: new Uint8Array(raw.buffer),
  perAccess: new ViewPerAccessMemory(raw),
  heap: new EmscriptenHeap(raw),
  bindgen: new WasmBindgenViews(raw),
  encoder: new TextEncoder(),
  decoder: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }),
};

/** How each peer does it. `native` is the platform's coder on a kept view, the best there is for long strings. */
const READS: Readonly<Record<string, string>> = {
  heaplaw: 'ours.readString(64, size)',
  native: 'decoder.decode(bytes.subarray(64, 64 + size))',
  'view per access': 'perAccess.readString(64, size)',
  'Emscripten heap': 'heap.utf8ToString(64, size)',
  'wasm-bindgen': 'bindgen.getString(64, size)',
};
const WRITES: Readonly<Record<string, string>> = {
  heaplaw: 'ours.writeString(64, text)',
  native: 'encoder.encodeInto(text, bytes.subarray(64, 64 + 3 * text.length)).written',
  'encode and set': 'perAccess.writeString(64, text)',
  'Emscripten heap': 'heap.stringToUtf8(text, 64, 4 * text.length + 1)',
  'wasm-bindgen': 'bindgen.passString(text, 64)',
};

/** Both sides of the borders where our way changes (reads at 12 bytes, writes at 9 units), and far from them. */
const LENGTHS = [1, 5, 8, 9, 10, 12, 13, 16, 20, 32, 100, 1000, 100_000];

/** What strings are made of. Something else at the very end is the worst for who hoped for ASCII. */
const KINDS: Readonly<Record<string, (length: number) => string>> = {
  ascii: (length) => 'a'.repeat(length),
  'ascii, then é': (length) => `${'a'.repeat(length - 1)}é`,
  雪: (length) => '雪'.repeat(length),
};

/** Reads strings of every kind and length. */
export function readStringsBench(): BenchResult {
  return stringsBench('Reading strings', READS, (row) => shortTarget(row, 8, 'native', 1.5));
}

/** Writes strings of every kind and length. */
export function writeStringsBench(): BenchResult {
  return stringsBench('Writing strings', WRITES, (row) => shortTarget(row, 16, 'encode and set', 4));
}

interface StringRow extends Row {
  readonly kind: string;
  readonly length: number;
}

function stringsBench(
  title: string,
  peers: Readonly<Record<string, string>>,
  shortTargets: (row: StringRow) => Target[],
): BenchResult {
  meetEveryKind(peers);
  const rows = Object.keys(KINDS).flatMap((kind) => LENGTHS.map((length) => measure(peers, kind, length)));
  return { title, rows, targets: rows.flatMap((row) => [neverSlower(row), ...shortTargets(row)]) };
}

/**
 * V8 keeps a short string, a built one, a wide one apart, and code that has met few kinds is faster than it will ever be
 * in a program that runs for long. So every peer meets all kinds before anything is measured.
 */
function meetEveryKind(peers: Readonly<Record<string, string>>): void {
  for (const kind of Object.keys(KINDS)) {
    for (const length of [1, 5, 20]) measure(peers, kind, length, 1);
  }
}

function measure(peers: Readonly<Record<string, string>>, kind: string, length: number, rounds?: number): StringRow {
  const text = KINDS[kind]?.(length) ?? '';
  const size = SCOPE.ours.writeString(64, text);
  const scope = { ...SCOPE, text, size };
  const variants = Object.entries(peers).map(([name, expression]) => ({ name, run: compiledLoop(expression, scope) }));
  return { work: `${kind} ${length}`, kind, length, timings: interleave(variants, rounds) };
}

function neverSlower(row: Row): Target {
  return { claim: `${row.work} against native`, row, slow: 'native', fast: 'heaplaw', atLeast: 0.9 };
}

function shortTarget(row: StringRow, longest: number, slow: string, atLeast: number): Target[] {
  if (row.kind !== 'ascii' || row.length > longest) return [];
  return [{ claim: `${row.work} against ${slow}`, row, slow, fast: 'heaplaw', atLeast }];
}
