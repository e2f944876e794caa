/** Fuzzes the canary, which breaks a law on purpose: it must be found, by its law, and shrunk to the least there is. */
import { spawnSync } from 'node:child_process';

const LEAST = { subject: 'canary', law: 'regions-never-overlap', operations: 65, minimal: true };
const FINDING = 77;

const words = ['run', '--silent', 'fuzz', '--', 'canary', '--seed', '1', '--runs', '2048', '--json'];
const places = ['--state', '.fuzz/ci/canary', '--artifact-prefix', '.fuzz/ci/canary/findings'];
const { status, stdout, stderr } = spawnSync('npm', [...words, ...places], { encoding: 'utf8' });
const found = status === FINDING ? JSON.parse(stdout).findings : [];
const isLeast = (finding) => Object.entries(LEAST).every(([key, value]) => finding[key] === value);
if (found.length === 1 && isLeast(found[0])) {
  console.log(`canary: found and shrunk to ${LEAST.operations} operations`);
} else {
  console.error(`${stderr}\ncanary: ended with ${status}, found ${JSON.stringify(found)}`);
  console.error(`canary: expected to end with ${FINDING} and one finding of ${JSON.stringify(LEAST)}`);
  process.exitCode = 1;
}
