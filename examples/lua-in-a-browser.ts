/** A Lua script in a browser: nothing but fetch and WebAssembly. Serve lua-bump.wasm beside the page. */
import { LuaModule } from '../src/lua-module.ts';

/** Runs `script` and gives back what it printed. `fetchModule` is `() => fetch('lua-bump.wasm')` in a page. */
export async function luaInBrowser(script: string, fetchModule: () => Promise<Response>): Promise<string> {
  const response = await fetchModule();
  let printed = '';
  const decoder = new TextDecoder();
  const lua = await LuaModule.instantiate(await response.arrayBuffer(), {
    write: (bytes) => {
      printed += decoder.decode(bytes, { stream: true });
    },
  });
  lua.run(script);
  return printed;
}
