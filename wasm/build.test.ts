import { mkdtempSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Artifact, fingerprint, zigSources } from './artifact.ts';
import { ensureBuilt } from './build.ts';
import { MODULES } from './modules.ts';

const output = join(import.meta.dirname, 'dist/lua-bump.wasm');

test('a second call builds nothing', async () => {
  await ensureBuilt(['lua-bump']);
  const { mtimeMs, ino } = statSync(output);
  await ensureBuilt(['lua-bump']);
  expect(statSync(output)).toMatchObject({ mtimeMs, ino });
});

test('an unknown name is one clear line', async () => {
  await expect(ensureBuilt(['lua-bumb'])).rejects.toThrow(/^no wasm module "lua-bumb"; there are: .*lua-bump/);
});

test('names and outputs are unique', () => {
  expect(new Set(MODULES.map((module) => module.name)).size).toBe(MODULES.length);
  expect(new Set(MODULES.map((module) => module.output)).size).toBe(MODULES.length);
});

test('a fingerprint follows sources, command and what is needed', () => {
  const directory = mkdtempSync(join(tmpdir(), 'heaplaw-'));
  const source = join(directory, 'a.zig');
  writeFileSync(join(directory, 'b.zig'), '');
  writeFileSync(source, '_ = @import("b.zig");');
  const make = (flag: string, needs: readonly Artifact[] = []): string =>
    fingerprint({ name: 'a', inputs: zigSources(source), needs, command: () => [flag] });
  const first = make('-O2');
  expect(zigSources(source)).toEqual([source, join(directory, 'b.zig')]);
  expect(make('-O2')).toBe(first);
  expect(make('-O3')).not.toBe(first);
  expect(make('-O2', [{ name: 'b', inputs: [], command: () => [] }])).not.toBe(first);
  writeFileSync(join(directory, 'b.zig'), '// changed');
  expect(make('-O2')).not.toBe(first);
});
