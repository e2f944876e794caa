/** A Lua script in Node: its result, what it printed, what went wrong, and the bytes it took. */
import { fileURLToPath } from 'node:url';
import { LuaError } from '../src/lua-error.ts';
import { openLuaModule } from '../src/lua-module-file.ts';

const MODULE = new URL('../wasm/dist/lua-bump.wasm', import.meta.url);

export async function luaInNode(print: (line: string) => void): Promise<void> {
  const lua = await openLuaModule(MODULE, {
    write: (bytes) => print(`Lua printed: ${new TextDecoder().decode(bytes).trimEnd()}`),
  });
  const [sum, text] = lua.run('print("hello") local t = { 1, 2, 3 } return t[1] + t[2] + t[3], ("ab"):rep(3)');
  print(`results: ${sum} and ${text}`);
  print(`bytes used: ${lua.stats().usedBytes}`);
  try {
    lua.run('local t = {} return t.missing.field');
  } catch (error) {
    if (error instanceof LuaError) print(`${error.kind} error: ${error.message}`);
  }
  lua.reset();
  print(`after reset: ${lua.stats().usedBytes}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await luaInNode(console.log);
