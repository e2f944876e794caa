/**
 * Packs the package, installs the tarball in an empty folder, and uses it there as its users do: the bin on modules, the
 * library from plain Node, the types through tsc. `npm run test:pack`.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureBuilt } from '../wasm/build.ts';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const SOUND = 'free-list.wasm';
const FAULTY = 'free-list-aligned-only-to-4096.wasm';

/** A consumer in TypeScript; it is compiled strictly, then run as it comes out. */
const CONSUMER = `import { readFileSync } from 'node:fs';
import { defineSubject, formatTrace, type FuzzReport, fuzzModule, LAWS, parseTrace, replay } from 'heaplaw';
import { HostBumpAllocator, WasmMemory } from 'heaplaw/memory';

const sound: FuzzReport = fuzzModule(readFileSync('${SOUND}'), { seed: 1, runs: 64 });
if (sound.findings.length > 0) throw new Error(sound.findings[0]?.text);
const faulty = readFileSync('${FAULTY}');
const [finding] = fuzzModule(faulty, { seed: 1, runs: 640, endOnFinding: true }).findings;
if (finding?.claim !== LAWS['pointers-are-aligned']) throw new Error('the fault was not found');
const { trace, header } = parseTrace(finding.trace);
if (replay(formatTrace(trace, header), faulty)?.law !== finding.law) throw new Error('the finding did not come again');
const subject = defineSubject({
  name: 'host-heap',
  promises: { alignmentBytes: 8 },
  create() {
    const memory = new WebAssembly.Memory({ initial: 2, maximum: 2 });
    const heap = new HostBumpAllocator(new WasmMemory(memory), 65536);
    return { memory, malloc: (sizeBytes) => heap.alloc(sizeBytes), free: (pointer) => heap.free(pointer) };
  },
  isRefusal: (error) => error instanceof Error && error.name === 'MemoryError',
});
const own = fuzzModule(subject, { seed: 1, runs: 64 });
if (own.findings.length > 0) throw new Error(own.findings[0]?.text);
console.log('the library works');
`;

const TSCONFIG = {
  compilerOptions: {
    target: 'ES2022',
    module: 'NodeNext',
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: false,
    typeRoots: [join(ROOT, 'node_modules/@types')],
    types: ['node'],
  },
  files: ['consumer.ts'],
};

await ensureBuilt();
const folder = mkdtempSync(join(tmpdir(), 'heaplaw-pack-'));
try {
  check();
  process.stdout.write('pack: everything works from the tarball\n');
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function check(): void {
  run('npm', ['pack', '--pack-destination', folder], { cwd: ROOT });
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? 'none';
  for (const name of [SOUND, FAULTY]) copyFileSync(join(ROOT, 'wasm/dist/zoo', name), join(folder, name));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'consumer', private: true, type: 'module' }));
  run('npm', ['install', '--offline', '--ignore-scripts', '--no-audit', '--no-fund', `./${tarball}`]);
  checkPackages();
  checkCommand();
  checkLibrary();
}

/** Nothing but the package itself may come along. */
function checkPackages(): void {
  const packages = readdirSync(join(folder, 'node_modules')).filter((name) => !name.startsWith('.'));
  expect(packages.join(' '), 'heaplaw', 'packages installed');
}

function checkCommand(): void {
  run(join(folder, 'node_modules/.bin/heaplaw'), ['--no-such-option'], {
    exitCode: 1,
    says: '--help lists the options',
  });
  run('npx', ['heaplaw', SOUND, '--runs', '640', '--seed', '1'], { says: 'nothing found' });
  run('npx', ['heaplaw', FAULTY, '--runs', '640', '--seed', '1'], {
    exitCode: 77,
    says: 'replay    npx heaplaw',
  });
  run('npx', ['heaplaw', SOUND, '--max-total-time', '5']);
  run('npx', ['heaplaw', 'lua-bump', 'lua-reclaiming', '--runs', '64', '--seed', '1'], { says: 'nothing found' });
  const traces = readdirSync(join(folder, '.fuzz/findings')).map((name) => join('.fuzz/findings', name));
  run('npx', ['heaplaw', FAULTY, ...traces], { exitCode: 77, says: 'pointers-are-aligned' });
}

function checkLibrary(): void {
  writeFileSync(join(folder, 'consumer.ts'), CONSUMER);
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(TSCONFIG));
  const typescript = createRequire(import.meta.url).resolve('typescript/package.json');
  run(process.execPath, [join(dirname(typescript), 'bin/tsc'), '-p', 'tsconfig.json']);
  run(process.execPath, ['consumer.js'], { says: 'the library works' });
}

interface Expected {
  readonly cwd?: string;
  readonly exitCode?: number;
  /** Somewhere in what is printed. */
  readonly says?: string;
}

/** Runs a command. Throws what it printed when it did not do as expected. */
function run(command: string, words: readonly string[], { cwd = folder, exitCode = 0, says }: Expected = {}): void {
  const line = [command, ...words].join(' ');
  const began = performance.now();
  const { status, stdout, stderr, error } = spawnSync(command, words, { cwd, encoding: 'utf8', timeout: 120_000 });
  if (error !== undefined) throw error;
  const printed = `${stdout}${stderr}`;
  if (status !== exitCode) throw new Error(`${line}\n${printed}\nended with ${status}, expected ${exitCode}`);
  if (says !== undefined && !printed.includes(says)) throw new Error(`${line}\n${printed}\nexpected "${says}" in it`);
  process.stdout.write(`pack: ${line} (${((performance.now() - began) / 1000).toFixed(1)} s)\n`);
}

function expect(found: string, expected: string, what: string): void {
  if (found !== expected) throw new Error(`${what}: found ${found}, expected ${expected}`);
}
