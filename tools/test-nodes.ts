/** Runs the test suite on other versions of Node, which come from npm. `npm run test:nodes [-- 22 24]`. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const VITEST = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url));

/** Beside the 20 that `engines` begins with. */
const DEFAULT_VERSIONS = ['22', '24'];

const asked = process.argv.slice(2);
const failed = (asked.length > 0 ? asked : DEFAULT_VERSIONS).filter((version) => !passesOn(version));
if (failed.length > 0) fail(`the suite failed on Node ${failed.join(' and ')}: see above`);

function passesOn(version: string): boolean {
  if (!/^\d+(\.\d+){0,2}$/.test(version)) fail(`found "${version}", expected a version of Node such as 24 or 22.12.0`);
  const node = executableOf(version);
  process.stdout.write(`nodes: ${node.version}\n`);
  return spawnSync(node.path, [VITEST, 'run'], { cwd: ROOT, stdio: 'inherit' }).status === 0;
}

/** The executable that the `node` package of npm brings. Ends the program, in a line, where there is none. */
function executableOf(version: string): { readonly path: string; readonly version: string } {
  const script = 'console.log(JSON.stringify({ path: process.execPath, version: process.version }))';
  const words = ['--yes', '-p', `node@${version}`, 'node', '-e', script];
  const { stdout, stderr } = spawnSync('npx', words, { cwd: ROOT, encoding: 'utf8' });
  const found = stdout.split('\n').find((line) => line.startsWith('{'));
  const node = found === undefined ? undefined : (JSON.parse(found) as { path: string; version: string });
  if (node?.version.startsWith(`v${version}`)) return node;
  const reason = node === undefined ? firstError(stderr) : `it runs as ${node.version}`;
  return fail(
    `npm brings no Node ${version} for ${process.platform}-${process.arch}: ${reason}; install it and run npm test with it`,
  );
}

/** The first thing npm says beyond a code. */
function firstError(stderr: string): string {
  const lines = stderr.split('\n').filter((line) => line.startsWith('npm error') && !line.startsWith('npm error code'));
  return lines[0]?.replace('npm error ', '') ?? 'npx said nothing';
}

function fail(message: string): never {
  process.stderr.write(`nodes: ${message}\n`);
  process.exit(1);
}
