/** The project's TypeScript files and what each imports, read from the disk. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const FOLDERS = ['src', 'fuzz', 'properties', 'wasm', 'bench', 'corpus', 'examples', 'tools'];

export interface SourceFile {
  /** Path from the project's root, with forward slashes. */
  readonly path: string;
  /** Paths of the project's files it imports, types included. */
  readonly imports: readonly string[];
}

/** Every TypeScript file below the project's folders, in alphabetic order. */
export function sourceFiles(): SourceFile[] {
  return FOLDERS.flatMap(filesBelow).sort().map(readSource);
}

/** The names in a folder, given by its path from the project's root. */
export function namesIn(folder: string): string[] {
  return readdirSync(join(ROOT, folder)).sort();
}

/** The text of a file, given by its path from the project's root. */
export function textOf(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

function filesBelow(folder: string): string[] {
  try {
    const entries = readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile() && entry.name.endsWith('.ts'));
    return files.map((entry) => relative(ROOT, join(entry.parentPath, entry.name)).replaceAll('\\', '/'));
  } catch {
    return [];
  }
}

function readSource(path: string): SourceFile {
  const specifiers = [...textOf(path).matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'|new URL\('(\.[^']+\.ts)'/g)];
  const imports = specifiers.map(([, from, url]) => join(dirname(path), from ?? url ?? '').replaceAll('\\', '/'));
  return { path, imports };
}
