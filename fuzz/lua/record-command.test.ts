import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { targetFor } from '../targets.ts';
import { parseTrace } from '../trace/text.ts';
import { operationCount } from '../trace/trace.ts';
import { recordCommand } from './record-command.ts';

const directory = mkdtempSync(join(tmpdir(), 'heaplaw-record-'));
afterAll(() => rmSync(directory, { recursive: true }));

function script(text: string): string {
  const path = join(directory, `${text.length}.lua`);
  writeFileSync(path, text);
  return path;
}

function run(...words: string[]): { code: number; out: string; err: string } {
  const printed = { out: '', err: '' };
  const code = recordCommand(words, {
    out: (text) => {
      printed.out += text;
    },
    err: (text) => {
      printed.err += text;
    },
  });
  return { code, ...printed };
}

const SMALL = 'local t = {} for i = 1, 20 do t[i] = "text " .. i end print(#t)';

describe('record', () => {
  it('prints a trace that the subject of the module replays', () => {
    const { code, out } = run(script(SMALL));
    const { header, trace } = parseTrace(out);
    expect([code, header['subject'], out.split('\n')[1]]).toEqual([
      0,
      'lua-reclaiming',
      expect.stringMatching(/^# Recorded from \d+\.lua; it ended well: \d+ operations, 0 refused requests left out/),
    ]);
    expect(targetFor({ name: 'lua-reclaiming' }).open().run(trace)).toBe(undefined);
    expect(targetFor({ name: 'lua-bump-alloc' }).open().run(trace)).toBe(undefined);
  });

  it('gives the same trace every time', () => {
    expect(run(script(SMALL))).toEqual(run(script(SMALL)));
  });

  it('writes a file and says how to replay it', () => {
    const file = join(directory, 'out.trace');
    const { code, out, err } = run('--module', 'lua-bump', '-o', file, script(SMALL));
    expect([code, out]).toEqual([0, '']);
    expect(err).toMatch(/^\d+ operations; replay them with: npm run fuzz -- lua-bump .*out\.trace\n$/);
    expect(parseTrace(readFileSync(file, 'utf8')).header['subject']).toBe('lua-bump');
  });

  it('leaves out the state when it is told to, and stops when it is told to', () => {
    const all = operationCount(parseTrace(run(script(SMALL)).out).trace);
    const own = operationCount(parseTrace(run('--script-only', script(SMALL)).out).trace);
    expect(own).toBeLessThan(all - 250);
    expect(operationCount(parseTrace(run('--max-ops', '7', script(SMALL)).out).trace)).toBe(7);
  });

  it('takes the path of a module', () => {
    const path = fileURLToPath(new URL('../../wasm/dist/lua-bump-safe.wasm', import.meta.url));
    const { code, out } = run('--module', path, script(SMALL));
    expect([code, parseTrace(out).header['subject']]).toEqual([0, 'lua-bump']);
  });

  it.each([
    ['error("no")', 'it ended in a runtime error'],
    ['this is no Lua', 'it ended in a syntax error'],
    ['return ("x"):rep(1 << 30)', 'it ended in a memory error'],
  ])('records %s, too', (text, ending) => {
    const { code, out } = run(script(text));
    expect([code, out]).toEqual([0, expect.stringContaining(ending)]);
  });
});

describe('record, asked otherwise', () => {
  it('explains itself', () => {
    expect(run('--help').out).toMatch(/^Records what a Lua script asks[\s\S]*exit codes/);
  });

  it.each([
    [[], 'found 0 scripts, expected one'],
    [['a.lua', 'b.lua'], 'found 2 scripts, expected one'],
    [['nowhere.lua'], 'cannot read nowhere.lua: expected a Lua script'],
    [['--max-ops', '0', 'a.lua'], '--max-ops 0: found "0", expected a number of operations, 1 or more'],
    [['--max-ops', 'x', 'a.lua'], '--max-ops x: found "x", expected a number of operations, 1 or more'],
    [['--what'], "Unknown option '--what'; --help lists the options"],
  ])('%j is a usage error', (words, message) => {
    const { code, out, err } = run(...words);
    expect([code, out]).toEqual([1, '']);
    expect(err).toContain(`record: ${message}`);
  });

  it('wants a module that is there', () => {
    const { code, err } = run('--module', 'lua-none', script(SMALL));
    expect(code).toBe(1);
    expect(err).toBe('record: cannot read lua-none: expected lua-reclaiming, lua-bump or the path of a Lua module\n');
  });
});
