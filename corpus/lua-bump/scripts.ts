/** The Lua programs of this folder: their text, what they print, and whether fengari, Lua in JavaScript, can run them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface LuaScript {
  /** File name with its extension. */
  readonly name: string;
  readonly text: string;
  readonly expected: string;
  /** False where the script's head says `-- not on fengari: reason`. */
  readonly runsOnFengari: boolean;
}

const DIRECTORY = join(import.meta.dirname, 'scripts');

function readScript(name: string): LuaScript {
  const text = readFileSync(join(DIRECTORY, name), 'utf8');
  const expected = readFileSync(join(DIRECTORY, name.replace(/lua$/, 'expected')), 'utf8');
  return { name, text, expected, runsOnFengari: !text.includes('\n-- not on fengari:') };
}

export const LUA_SCRIPTS: readonly LuaScript[] = readdirSync(DIRECTORY)
  .filter((name) => name.endsWith('.lua'))
  .sort()
  .map(readScript);
