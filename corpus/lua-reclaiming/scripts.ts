/** The Lua programs of this folder, which press on the allocator: their text, and what they print. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface PressureScript {
  /** File name with its extension. */
  readonly name: string;
  readonly text: string;
  readonly expected: string;
}

const DIRECTORY = join(import.meta.dirname, 'scripts');

/** The script `<name>.lua`. Throws where it or its `.expected` cannot be read. */
export function pressureScript(name: string): PressureScript {
  const read = (extension: string): string => readFileSync(join(DIRECTORY, `${name}.${extension}`), 'utf8');
  return { name: `${name}.lua`, text: read('lua'), expected: read('expected') };
}

export const PRESSURE_SCRIPTS: readonly PressureScript[] = readdirSync(DIRECTORY)
  .filter((file) => file.endsWith('.lua'))
  .sort()
  .map((file) => pressureScript(file.slice(0, -'.lua'.length)));
