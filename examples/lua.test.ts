import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { luaInBrowser } from './lua-in-a-browser.ts';
import { luaInNode } from './lua-in-node.ts';

test('the Node example prints result, output, error and bytes', async () => {
  const lines: string[] = [];
  await luaInNode((line) => lines.push(line));
  expect(lines).toEqual([
    'Lua printed: hello',
    'results: 6 and ababab',
    expect.stringMatching(/^bytes used: \d{5}$/),
    "runtime error: script:1: attempt to index a nil value (field 'missing')",
    'after reset: 0',
  ]);
});

test('the browser example needs a response and nothing of Node', async () => {
  const bytes = readFileSync(new URL('../wasm/dist/lua-bump.wasm', import.meta.url));
  const fetchModule = async () => new Response(bytes, { headers: { 'content-type': 'application/wasm' } });
  expect(await luaInBrowser('for i = 1, 3 do print(i) end', fetchModule)).toBe('1\n2\n3\n');
});
