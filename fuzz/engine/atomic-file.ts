/** Files that are there whole or not at all, whenever the process ends. */
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** A file or directory that could not be read or written; the message is one line that says what to do. */
export class StorageError extends Error {
  override name = 'StorageError';
}

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full: free some room and start again, nothing written before is lost',
  EDQUOT: 'the quota is used up: free some room and start again, nothing written before is lost',
  EACCES: 'permission denied: make it accessible, or choose another directory',
  EPERM: 'not permitted: make it accessible, or choose another directory',
  EROFS: 'the file system is read-only: choose another directory',
  ENOTDIR: 'part of the path is a file, expected a directory',
  EEXIST: 'there is a file of that name, expected a directory',
  ENOENT: 'no such file or directory',
  EISDIR: 'it is a directory, expected a file',
};

/** Writes `text` beside `path` and renames it into place; makes directories as needed. Throws StorageError. */
export function writeAtomically(path: string, text: string): void {
  attempt('write', path, () => {
    mkdirSync(dirname(path), { recursive: true });
    const temporary = `${path}.${process.pid}.tmp`;
    try {
      writeFileSync(temporary, text);
      renameSync(temporary, path);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
  });
}

/** What `action` returns; an error of the file system becomes a StorageError about `path`. */
export function attempt<Value>(verb: string, path: string, action: () => Value): Value {
  try {
    return action();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const reason = REASONS[code] ?? (error instanceof Error ? error.message : String(error));
    throw new StorageError(`cannot ${verb} ${path}: ${reason}`);
  }
}
