/** npm packages that ship a module with an allocator in it, and what is known of each. They are devDependencies. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LawId } from '../../fuzz/laws.ts';
import type { Profile } from '../../fuzz/model/profile.ts';
import type { OperationKind } from '../../fuzz/trace/operation.ts';

const PACKAGES_DIRECTORY = join(import.meta.dirname, '../../node_modules');

export interface RealModule {
  /** The package, and the module's place in it. */
  readonly file: string;
  readonly abi: string;
  /** The exports that were detected. */
  readonly exports: readonly string[];
  /** What probing must find out; a whole profile where `pinned` says that it takes too long for a test. */
  readonly promises: Partial<Profile>;
  readonly pinned?: Profile;
  /** Operations that a campaign leaves out: it would find and shrink their known defect anew each time. */
  readonly leftOut?: readonly OperationKind[];
  /** Traces that break a law, each with the defect behind it described in docs/found.md. */
  readonly defects: readonly KnownDefect[];
}

export interface KnownDefect {
  readonly law: LawId;
  readonly trace: string;
}

const lines = (...operations: string[]): string => `# heaplaw trace 1\n${operations.join('\n')}\n`;

/** What dlmalloc and emmalloc of Emscripten have in common. */
const EMSCRIPTEN: Partial<Profile> = { alignmentBytes: 8, zeroMalloc: 'block', reclaims: true, coalesces: true };

/** As probed by hand: each restart puts back 10 MiB and runs the start of a Go program, and probing needs hundreds. */
const TINYGO: Profile = {
  operations: ['malloc', 'calloc', 'realloc', 'free', 'grow'],
  alignmentBytes: 16,
  maximumAlignmentBytes: 16,
  arenaStart: 1,
  arenaEnd: 2 ** 26,
  zeroMalloc: 'null',
  zeroRealloc: 'frees',
  shrinkingNeverFails: false,
  shrinkingKeepsThePointer: false,
  mayGrow: true,
  growthSlackPages: 65536,
  readsContents: true,
  reclaims: false,
  coalesces: false,
  capacityBytes: 20643840,
};

export const REAL_MODULES: readonly RealModule[] = [
  {
    file: 'wasmoon/dist/glue.wasm',
    abi: 'c',
    exports: ['malloc', 'free', 'realloc'],
    promises: { ...EMSCRIPTEN, mayGrow: true, zeroRealloc: 'frees' },
    defects: [
      {
        law: 'impossible-sizes-are-refused',
        trace: lines('%0 = malloc 1000', 'free %0', '%1 = malloc 4293883928'),
      },
    ],
  },
  {
    file: '@sqlite.org/sqlite-wasm/sqlite-wasm/jswasm/sqlite3.wasm',
    abi: 'c',
    exports: ['malloc', 'free', 'realloc'],
    promises: { ...EMSCRIPTEN, mayGrow: true, zeroRealloc: 'block' },
    defects: [],
  },
  {
    file: 'harfbuzzjs/dist/harfbuzz.wasm',
    abi: 'c',
    exports: ['malloc', 'free'],
    promises: { ...EMSCRIPTEN, mayGrow: true },
    defects: [],
  },
  {
    file: '@cwasm/webp/webp.wasm',
    abi: 'c',
    exports: ['malloc', 'free'],
    promises: { alignmentBytes: 16, zeroMalloc: 'block', mayGrow: true, reclaims: true, coalesces: true },
    defects: [],
  },
  {
    file: 'lz4-wasm-nodejs/lz4_wasm_nodejs_bg.wasm',
    abi: 'wasm-bindgen',
    exports: ['__wbindgen_malloc', '__wbindgen_free'],
    promises: { alignmentBytes: 8, mayGrow: true, reclaims: true, coalesces: true },
    defects: [],
  },
  {
    file: 'sh-syntax/main.wasm',
    abi: 'tinygo',
    exports: ['malloc', 'free', 'realloc', 'calloc'],
    promises: TINYGO,
    pinned: TINYGO,
    // Three hundred restarts of a Go program to shrink it.
    leftOut: ['calloc'],
    defects: [{ law: 'impossible-sizes-are-refused', trace: lines('%0 = calloc 1048833 4095') }],
  },
];

/** The bytes of a module. */
export function bytesOf({ file }: RealModule): Uint8Array {
  return readFileSync(join(PACKAGES_DIRECTORY, file));
}
