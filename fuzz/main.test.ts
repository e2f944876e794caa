import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, it } from 'vitest';
import { FakeSurroundings } from './command/fake-surroundings.ts';
import { run } from './command/run.ts';
import { readTraces } from './engine/corpus-store.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'heaplaw-main-'));
  return () => rmSync(directory, { recursive: true });
});

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

/** The real program, with everything it writes in `place`. */
function start(place: string, words: readonly string[]): { child: ChildProcess; ended: Promise<Ended> } {
  const program = ['--import', 'tsx', 'fuzz/main.ts', ...words, ...placesIn(place)];
  const child = spawn(process.execPath, program, { cwd: root });
  let output = '';
  child.stdout?.on('data', (text) => {
    output += text;
  });
  const ended = once(child, 'close').then(([code]): Ended => ({ code, output }));
  return { child, ended };
}

/** The same command in this process, which spares loading the program in three threads. */
const runHere = (place: string, words: readonly string[]): Promise<number> =>
  run([...words, ...placesIn(place)], new FakeSurroundings({ packageDirectory: root }));

const placesIn = (place: string): string[] => [
  ...['--state', join(directory, place)],
  ...['--artifact-prefix', join(directory, place, 'findings')],
];

const corpusOf = (place: string): string => join(directory, place, 'host-stack', 'corpus');
const stateOf = (place: string): string => join(directory, place, 'host-stack', 'state.json');

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 20));
}

const SEEDED = ['host-stack', '--seed', '11', '--max-ops', '3', '--workers', '1'];

describe('kill -9', () => {
  it('loses nothing: the same command goes on and ends as if it had not happened', async () => {
    const killed = start('killed', [...SEEDED, '--runs', '1000000']);
    await until(() => existsSync(stateOf('killed')) && existsSync(corpusOf('killed')));
    killed.child.kill('SIGKILL');
    await killed.ended;
    const { round, runs, ended } = JSON.parse(readFileSync(stateOf('killed'), 'utf8'));
    expect({ ended, runs: runs / round }).toEqual({ ended: false, runs: 2048 });
    expect(readTraces(corpusOf('killed')).broken).toEqual([]);
    const target = ['--runs', String(runs + 2048)];
    expect(await runHere('killed', [...SEEDED, ...target])).toBe(0);
    expect(await runHere('whole', [...SEEDED, ...target])).toBe(0);
    expect(learntBy('killed')).toEqual(learntBy('whole'));
    expect(readdirSync(corpusOf('killed'))).toEqual(expect.arrayContaining(readdirSync(corpusOf('whole'))));
  });
});

/** Corpus names in the order in which they were learnt. */
function learntBy(place: string): unknown {
  return JSON.parse(readFileSync(stateOf(place), 'utf8')).corpus;
}

describe('Ctrl-C', () => {
  it('ends cleanly with exit code 72 and a summary', async () => {
    const { child, ended } = start('interrupted', SEEDED);
    await until(() => existsSync(stateOf('interrupted')));
    child.kill('SIGINT');
    const { code, output } = await ended;
    expect(code).toBe(72);
    expect(output).toMatch(/^nothing found: .*, interrupted\n/);
  });
});
