/** Builds the wasm modules of the table in `modules.ts` when they are missing or stale. `npm run build:wasm`. */
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Artifact, artifactPath, fingerprint } from './artifact.ts';
import { MODULES } from './modules.ts';
import { runZig, zigExecutable } from './zig.ts';

const HELP = `npm run build:wasm [-- --force] [-- name ...]

Builds the wasm modules that are missing or stale into wasm/dist.
  --force   builds them again, whatever is there
  --list    prints the names and stops
  --help    prints this and stops`;

/** The fingerprint of a module is kept beside it. */
const stampPath = (artifact: Artifact): string => `${artifactPath(artifact)}.hash`;

function isFresh(artifact: Artifact): boolean {
  if (!existsSync(artifactPath(artifact))) return false;
  if (artifact.output === undefined) return true;
  return existsSync(stampPath(artifact)) && readFileSync(stampPath(artifact), 'utf8') === fingerprint(artifact);
}

/** Replaces `path` in one step, so that another process sees the old file or the new one. */
async function replaceFile(path: string, write: (temporary: string) => Promise<void> | void): Promise<void> {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${randomUUID()}`;
  try {
    await write(temporary);
    renameSync(temporary, path);
  } finally {
    rmSync(temporary, { force: true });
  }
}

async function writeArtifact(artifact: Artifact, output: string): Promise<void> {
  const needs = (artifact.needs ?? []).map(artifactPath);
  if (artifact.command !== undefined) await runZig(artifact.command(output, needs));
  else writeFileSync(output, artifact.derive?.(needs) ?? '');
}

async function buildArtifact(artifact: Artifact): Promise<void> {
  await replaceFile(artifactPath(artifact), (temporary) => writeArtifact(artifact, temporary));
  if (artifact.output === undefined) return;
  await replaceFile(stampPath(artifact), (temporary) => writeFileSync(temporary, fingerprint(artifact)));
}

/** Runs at most as many jobs at once as there are cores. */
class JobSlots {
  #free = Math.max(2, availableParallelism());
  readonly #waiting: (() => void)[] = [];

  async run(job: () => Promise<void>): Promise<void> {
    if (this.#free === 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#free -= 1;
    try {
      await job();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free += 1;
      else next();
    }
  }
}

/** One run of the build: each artifact once, what it needs first, independent ones side by side. */
class Build {
  readonly #slots = new JobSlots();
  readonly #started = new Map<string, Promise<void>>();
  readonly #force: boolean;
  built = 0;

  constructor(force: boolean) {
    this.#force = force;
  }

  ensure(artifact: Artifact): Promise<void> {
    const path = artifactPath(artifact);
    const started = this.#started.get(path) ?? this.#make(artifact);
    this.#started.set(path, started);
    return started;
  }

  async #make(artifact: Artifact): Promise<void> {
    if (!this.#force && isFresh(artifact)) return;
    await Promise.all((artifact.needs ?? []).map((need) => this.ensure(need)));
    await this.#slots.run(() => buildArtifact(artifact));
    this.built += 1;
  }
}

function selectModules(names: readonly string[]): readonly Artifact[] {
  return names.map((name) => {
    const found = MODULES.find((module) => module.name === name);
    if (found !== undefined) return found;
    throw new Error(`no wasm module "${name}"; there are: ${MODULES.map((module) => module.name).join(', ')}`);
  });
}

/**
 * Builds those of the named modules (by default all but the ones on demand) that are missing or stale. Does nothing, in milliseconds, when
 * all are fresh. Safe when several processes call it at once. Throws where Zig cannot run, with what to do.
 */
export async function ensureBuilt(names?: readonly string[], options: { force?: boolean } = {}): Promise<void> {
  const wanted = names === undefined ? MODULES.filter((module) => !module.onDemand) : selectModules(names);
  const force = options.force ?? false;
  const stale = wanted.filter((module) => force || !isFresh(module));
  if (stale.length === 0) return;
  zigExecutable();
  const startedAt = performance.now();
  process.stderr.write(`wasm: building ${stale.length} modules with Zig ...\n`);
  const build = new Build(force);
  await Promise.all(stale.map((module) => build.ensure(module)));
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  process.stderr.write(`wasm: ${build.built} files built in ${seconds} s\n`);
}

/** vitest's `globalSetup`. Where a module cannot be built, the tests that need it fail, and all others still speak. */
export const setup = (): Promise<void> =>
  ensureBuilt().catch((error: Error) =>
    console.error(`wasm: ${error.message}\nwasm: tests that need the modules fail`),
  );

async function main(words: readonly string[]): Promise<void> {
  if (words.includes('--help')) return console.log(HELP);
  if (words.includes('--list')) return console.log(MODULES.map((module) => module.name).join('\n'));
  const names = words.filter((word) => !word.startsWith('--'));
  await ensureBuilt(names.length === 0 ? undefined : names, { force: words.includes('--force') });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  main(process.argv.slice(2)).catch((error: Error) => {
    console.error(`wasm: ${error.message}`);
    process.exitCode = 1;
  });
}
