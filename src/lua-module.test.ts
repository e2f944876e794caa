import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { LuaError, type LuaErrorKind } from './lua-error.ts';
import { LuaModule } from './lua-module.ts';
import { openLuaModule } from './lua-module-file.ts';
import { consoleSink } from './lua-output.ts';
import type { LuaReference } from './lua-value.ts';
import { MemoryError } from './memory-error.ts';

const path = join(import.meta.dirname, '../wasm/dist/lua-bump.wasm');
const text = new TextDecoder();
let module: WebAssembly.Module;
let printed: { stdout: string; stderr: string };
let lua: LuaModule;

beforeAll(async () => {
  module = await WebAssembly.compile(readFileSync(path));
});

beforeEach(() => {
  printed = { stdout: '', stderr: '' };
  lua = new LuaModule(module, {
    write: (bytes, stream) => {
      printed[stream] += text.decode(bytes);
    },
    time: () => 86_400_000,
    clock: () => 1500,
  });
});

function errorOf(run: () => unknown): LuaError {
  try {
    run();
  } catch (error) {
    if (error instanceof LuaError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('results', () => {
  const cases: readonly (readonly [string, unknown])[] = [
    ['nil', null],
    ['true', true],
    ['false', false],
    ['1 + 1', 2],
    ['1 // 0.0', Number.POSITIVE_INFINITY],
    ['-0.5', -0.5],
    ['math.maxinteger', 2n ** 63n - 1n],
    ['math.mininteger', -(2n ** 63n)],
    ['2^53 | 0', 2n ** 53n],
    ['2^53 - 1 | 0', 2 ** 53 - 1],
    ["'grüße\\0\\u{10FFFF}'", 'grüße\0\u{10FFFF}'],
    ["''", ''],
    ["'\\xff'", Uint8Array.of(255)],
  ];
  test.each(cases)('%s', (expression, expected) => {
    expect(lua.run(`return ${expression}`)).toEqual([expected]);
  });

  test('come in order, as many as there are', () => {
    expect(lua.run('return 1, nil, "three", nil')).toEqual([1, null, 'three', null]);
    expect(lua.run('local nothing')).toEqual([]);
    expect(lua.run('return table.unpack({}, 1, 500)')).toHaveLength(500);
  });

  test('a table, function, coroutine or file is a reference', () => {
    const values = lua.run('return {}, print, coroutine.create(print), io.stdout');
    const address = expect.any(Number);
    expect(values).toEqual([
      { type: 'table', address },
      { type: 'function', address },
      { type: 'thread', address },
      { type: 'userdata', address },
    ]);
    const [table, name] = lua.run('t = {} return t, tostring(t)');
    expect(name).toBe(`table: 0x${(table as LuaReference).address.toString(16)}`);
  });

  test('a string longer than the I/O buffer comes whole', () => {
    const [value] = lua.run("return string.rep('0123456789', 20000)");
    expect(value).toBe('0123456789'.repeat(20000));
  });
});

describe('scripts', () => {
  test('globals stay from run to run, and go with close and reset', () => {
    lua.run('x = 42');
    expect(lua.run('return x')).toEqual([42]);
    lua.close();
    expect(lua.run('return x')).toEqual([null]);
    lua.run('x = 43');
    lua.reset();
    expect(lua.run('return x')).toEqual([null]);
  });

  test('bytes, a first line for the shell, and nothing at all', () => {
    expect(lua.run(Uint8Array.from([...'return "'].map((c) => c.charCodeAt(0)).concat(0xe9, 0x22)))).toEqual([
      Uint8Array.of(0xe9),
    ]);
    expect(errorOf(() => lua.run('#!/usr/bin/lua\nerror("here")')).message).toBe('script:2: here');
    expect(lua.run('#!/usr/bin/lua')).toEqual([]);
    expect(lua.run('')).toEqual([]);
  });

  test('of every length around the I/O buffer', () => {
    for (const length of [65_000, 65_528, 65_529, 65_530, 65_536, 65_537, 100_000]) {
      const script = `return 7 --${'x'.repeat(length - 11)}`;
      expect(lua.run(script), `${length} bytes`).toEqual([7]);
    }
  });

  test('one that does not even fit the heap is refused as a memory error', () => {
    const error = errorOf(() => lua.run(`return 7 --${'x'.repeat(600_000)}`));
    expect(error.kind).toBe('memory');
    expect(error.message).toContain('600011 bytes');
    expect(lua.run('return 8')).toEqual([8]);
  });

  test('bytecode is refused as a script', () => {
    expect(errorOf(() => lua.run('\x1bLua')).message).toContain('attempt to load a binary chunk');
  });

  test('the name of the chunk is in its messages, 255 bytes of it at most', () => {
    expect(errorOf(() => lua.run('error("no")', '@lib/some.lua')).message).toBe('lib/some.lua:1: no');
    expect(errorOf(() => lua.run('error("no")', `=${'n'.repeat(5000)}`)).message).toMatch(/^n{59}:1: no$/);
  });

  test('init, close and reset may be called twice', () => {
    lua.init();
    const { usedBytes } = lua.stats();
    lua.init();
    expect(lua.stats().usedBytes).toBe(usedBytes);
    lua.close();
    lua.close();
    lua.reset();
    lua.reset();
    expect(lua.stats()).toEqual({ usedBytes: 0, peakBytes: 0, memoryBytes: 2 * 1024 * 1024 });
  });

  test('close runs the finalizers', () => {
    lua.run('setmetatable({}, { __gc = function() print("gone") end })');
    lua.close();
    expect(printed.stdout).toBe('gone\n');
  });
});

describe('errors', () => {
  const cases: readonly (readonly [string, LuaErrorKind, string])[] = [
    ['x = = 1', 'syntax', "script:1: unexpected symbol near '='"],
    ['local t; t.x = 1', 'runtime', "script:1: attempt to index a nil value (local 't')"],
    ['error("plain", 0)', 'runtime', 'plain'],
    ['error(42)', 'runtime', '42'],
    ['error()', 'runtime', '(error object is a nil value)'],
    ['error({})', 'runtime', '(error object is a table value)'],
    ['error(setmetatable({}, { __tostring = function() return "own" end }))', 'runtime', 'own'],
    ['error(setmetatable({}, { __tostring = function() return 1 end }))', 'runtime', '(error object is a table value)'],
    ['local t = {} for i = 1, 1e9 do t[i] = {} end', 'memory', 'not enough memory'],
    ['return ("x"):rep(600000)', 'memory', 'script:1: not enough memory for buffer allocation'],
    ['local function f() return 1 + f() end f()', 'memory', 'not enough memory'],
    ['os.exit()', 'runtime', 'script:1: os.exit is not available: there is no process to end'],
  ];
  test.each(cases)('%s', (script, kind, message) => {
    const error = errorOf(() => lua.run(script));
    expect([error.kind, error.message]).toEqual([kind, message]);
    expect(error).toBeInstanceOf(Error);
    expect(error.name).toBe('LuaError');
    lua.reset();
    expect(lua.run('return 1')).toEqual([1]);
  });

  test('a runtime error tells the stack, a syntax or memory error has none, not even the last', () => {
    const error = errorOf(() => lua.run('local function f() error("deep") end\nlocal function g() f() end\ng()'));
    expect(error.luaTraceback).toMatch(/^stack traceback:\n.*'error'\n.*upvalue 'f'\n.*local 'g'\n.*main chunk$/s);
    expect(errorOf(() => lua.run('x = = 1')).luaTraceback).toBeUndefined();
    expect(errorOf(() => lua.run('return ("x"):rep(600000)')).luaTraceback).toContain("'string.rep'");
    expect(errorOf(() => lua.run('local t = {} for i = 1, 1e9 do t[i] = {} end')).luaTraceback).toBeUndefined();
  });

  test('a message that is not UTF-8 is shown as well as can be', () => {
    expect(errorOf(() => lua.run('error("\\xff!", 0)')).message).toBe('\ufffd!');
  });

  test('an exhausted heap leaves no room for a state: a memory error, and a reset helps', () => {
    lua.heap.malloc(lua.heap.malloc(1) && 520_000);
    expect(errorOf(() => lua.init())).toMatchObject({ kind: 'memory', message: expect.stringContaining('Lua state') });
    expect(errorOf(() => lua.run('return 1')).kind).toBe('memory');
    lua.reset();
    expect(lua.run('return 1')).toEqual([1]);
  });
});

describe('output and time', () => {
  test('print, io.write and io.stderr reach the sink', () => {
    lua.run('print("a", 1, 2.5, nil) io.write("b", 2, "\\n") io.stderr:write("c\\n") io.stdout:write("d"):write("e")');
    expect(printed).toEqual({ stdout: 'a\t1\t2.5\tnil\nb2\nde', stderr: 'c\n' });
  });

  test('what was printed before an error is not lost', () => {
    errorOf(() => lua.run('io.write("before") error("x")'));
    expect(printed.stdout).toBe('before');
  });

  test('os.time, os.date and os.clock ask the host', () => {
    expect(lua.run('return os.time(), os.date("!%Y-%m-%d %H:%M:%S"), os.date("%c"), os.clock()')).toEqual([
      86400,
      '1970-01-02 00:00:00',
      'Fri Jan  2 00:00:00 1970',
      1.5,
    ]);
    expect(lua.run('return os.time({ year = 2024, month = 2, day = 30, hour = 0 })')).toEqual([
      Date.UTC(2024, 1, 30) / 1000,
    ]);
  });

  test('the host has clocks of its own', () => {
    const [time, clock] = new LuaModule(module).run('return os.time(), os.clock()');
    expect(time).toBeGreaterThan(1.7e9);
    expect(clock).toBeGreaterThan(0);
  });

  test('the console gets whole lines', () => {
    const lines: string[] = [];
    const console = {
      log: (line: string) => lines.push(`log ${line}`),
      error: (line: string) => lines.push(`error ${line}`),
    };
    const bytes = new TextEncoder().encode('grüße\nrest');
    const sink = consoleSink(console);
    sink(bytes.subarray(0, 3), 'stdout');
    sink(new TextEncoder().encode('oh\n'), 'stderr');
    sink(bytes.subarray(3), 'stdout');
    expect(lines).toEqual(['error oh', 'log grüße']);
  });

  test('what has no system under it fails as Lua functions fail', () => {
    expect(lua.run('return io.open("x")')).toEqual([null, 'x: No such file or directory', expect.any(Number)]);
    expect(lua.run('return io.read()')).toEqual([null]);
    expect(lua.run('return os.getenv("HOME"), os.execute(), os.setlocale(), os.setlocale("de")')).toEqual([
      null,
      false,
      'C',
      null,
    ]);
    expect(lua.run('return os.remove("x")')).toEqual([null, 'x: No such file or directory', expect.any(Number)]);
    expect(errorOf(() => lua.run('os.tmpname()')).message).toContain('unable to generate a unique filename');
    expect(errorOf(() => lua.run('require "nothing"')).message).toContain("module 'nothing' not found");
  });
});

describe('a run that is cut short', () => {
  test('a throwing sink: kind state with the cause, then only reset helps', () => {
    const oh = new Error('oh');
    let broken = true;
    const machine = new LuaModule(module, {
      write: () => {
        if (broken) throw oh;
      },
    });
    const error = errorOf(() => machine.run('print(1)'));
    expect(error).toMatchObject({ kind: 'state', cause: oh, message: expect.stringContaining('Error: oh') });
    expect(errorOf(() => machine.run('return 1')).message).toBe('the last run was cut short: call reset()');
    expect(errorOf(() => machine.close()).kind).toBe('state');
    expect(errorOf(() => machine.init()).kind).toBe('state');
    broken = false;
    machine.reset();
    expect(machine.exports.__stack_pointer.value).toBe(machine.exports.__stack_high.value);
    expect(machine.run('return 1')).toEqual([1]);
  });

  test('a run, init, close or reset inside a run is refused', () => {
    const machine: LuaModule = new LuaModule(module, {
      write: () => {
        for (const call of [
          () => machine.run(''),
          () => machine.init(),
          () => machine.close(),
          () => machine.reset(),
        ]) {
          expect(errorOf(call).message).toBe('a script is running: call after it has ended');
        }
      },
    });
    expect(machine.run('print(1) return 2')).toEqual([2]);
  });
});

describe('the heap', () => {
  test('is the allocator that Lua uses', () => {
    lua.init();
    const { usedBytes } = lua.stats();
    const block = lua.heap.malloc(100);
    expect(block % 16).toBe(0);
    expect(lua.stats().usedBytes).toBe(usedBytes + 16 + 112);
    lua.memory.writeBytes(block, new Uint8Array(100).fill(7));
    const moved = lua.heap.realloc(lua.heap.realloc(block, 200), 50);
    expect(lua.memory.readBytes(moved, 50)).toEqual(new Uint8Array(50).fill(7));
    expect(lua.memory.readBytes(lua.heap.calloc(3, 5), 15)).toEqual(new Uint8Array(15));
    expect(lua.heap.alignedAlloc(4096, 1) % 4096).toBe(0);
    lua.heap.free(moved);
    expect(lua.heap.malloc(2 ** 32 - 1)).toBe(0);
    expect(lua.stats().peakBytes).toBe(lua.stats().usedBytes);
  });

  test.each([-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 32])('%s is no size', (size) => {
    expect(() => lua.heap.malloc(size)).toThrow(MemoryError);
    expect(() => lua.heap.calloc(1, size)).toThrow(MemoryError);
    expect(() => lua.heap.realloc(0, size)).toThrow(MemoryError);
    expect(() => lua.heap.alignedAlloc(size, 1)).toThrow(MemoryError);
    expect(() => lua.heap.free(size)).toThrow(MemoryError);
  });
});

describe('making one', () => {
  test('from bytes, from a compiled module, from a file', async () => {
    expect((await LuaModule.instantiate(readFileSync(path))).run('return 1')).toEqual([1]);
    expect((await LuaModule.instantiate(module)).run('return 2')).toEqual([2]);
    expect((await openLuaModule(path)).run('return 3')).toEqual([3]);
  });

  test('from another module is refused', () => {
    const empty = new WebAssembly.Module(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));
    expect(() => new LuaModule(empty)).toThrow(/Not a Lua module: it does not export malloc, realloc, lua_init/);
  });
});
