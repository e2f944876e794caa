/** The surroundings of a real process. */
import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startCrew } from '../start-crew.ts';
import { EXIT, type Surroundings } from './surroundings.ts';

export function processSurroundings(): Surroundings {
  const fromSources = import.meta.url.endsWith('.ts');
  const packageDirectory = findPackage(dirname(fileURLToPath(import.meta.url)));
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    isTerminal: process.stderr.isTTY === true,
    environment: process.env,
    onInterrupt,
    startCrew: (workers, timeoutSeconds) => startCrew(workers ?? availableParallelism(), timeoutSeconds),
    prepare: (modules) => (fromSources && modules.length > 0 ? buildModules(modules) : Promise.resolve()),
    packageDirectory,
    command: fromSources ? 'npm run fuzz --' : 'npx heaplaw',
    version: versionIn(packageDirectory),
  };
}

/** The first signal asks for an end, the second ends at once. */
function onInterrupt(handler: () => void): () => void {
  let asked = false;
  const listener = (): void => {
    if (asked) process.exit(EXIT.interrupted);
    asked = true;
    handler();
  };
  process.on('SIGINT', listener);
  process.on('SIGTERM', listener);
  return () => {
    process.off('SIGINT', listener);
    process.off('SIGTERM', listener);
  };
}

/** Sources build what they need; a package comes with it. The name is not spelt out, for a build has no such file. */
async function buildModules(names: readonly string[]): Promise<void> {
  const builder = new URL('../../wasm/build.ts', import.meta.url).href;
  const { ensureBuilt } = (await import(builder)) as { ensureBuilt: (names: readonly string[]) => Promise<void> };
  await ensureBuilt(names);
}

/** The nearest directory upwards that holds a package. */
function findPackage(directory: string): string {
  if (existsSync(join(directory, 'package.json')) || dirname(directory) === directory) return directory;
  return findPackage(dirname(directory));
}

function versionIn(directory: string): string {
  const { version } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as { version: string };
  return version;
}
