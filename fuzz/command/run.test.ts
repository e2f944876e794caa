import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ensureBuilt } from '../../wasm/build.ts';
import { targetFor } from '../targets.ts';
import { FakeSurroundings } from './fake-surroundings.ts';
import { run } from './run.ts';

beforeAll(() => ensureBuilt());

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'heaplaw-run-'));
  return () => rmSync(directory, { recursive: true });
});

const at = (...parts: string[]): string => join(directory, ...parts);
const places = (): string[] => ['--state', at('state'), '--artifact-prefix', at('findings')];

/** Runs a command line below the test's directory. */
async function heaplaw(words: readonly string[], outside = new FakeSurroundings()) {
  const exitCode = await run([...words, ...places()], outside);
  return { exitCode, output: outside.output, complaints: outside.complaints };
}

function write(name: string, lines: readonly string[]): string {
  const path = at(name);
  writeFileSync(path, `${lines.join('\n')}\n`);
  return path;
}

const CANARY_LINES = Array.from({ length: 70 }, (_, step) => `%${step} = malloc 8`);
const canaryTrace = (): string => write('canary.trace', ['# heaplaw trace 1 · subject canary', ...CANARY_LINES]);

describe('fuzzing', () => {
  it('finds nothing in what is sound: exit code 0 and a summary', async () => {
    const { exitCode, output, complaints } = await heaplaw(['host-stack', '--runs', '64', '--seed', '1']);
    expect(exitCode).toBe(0);
    expect(output).toMatch(/^nothing found: 64 traces, [\d,]+ operations in /);
    expect(output).toMatch(/host-stack .* 64 /);
    expect(output).toMatch(/regions-never-overlap +[\d,]+ +0/);
    expect(complaints).toMatch(/^INFO: host-stack: Seed: 1, 1 workers\n#0\tINITED cov: 0 /);
    expect(complaints).toMatch(
      /\n#\d+\tDONE {3}cov: \d+ ft: \d+ corp: \d+\/\d+K?b lim: 2000 exec\/s: \d+ rss: \d+Mb\n$/,
    );
  });

  it('finds the canary: the block, a file with all it takes, exit code 77', async () => {
    const { exitCode, output } = await heaplaw(['canary', '--runs', '200', '--seed', '42', '--print-final-stats']);
    expect(exitCode).toBe(77);
    const [name = ''] = readdirSync(at('findings'));
    expect(name).toMatch(/^regions-never-overlap-[0-9a-f]{12}\.trace$/);
    expect(output).toMatch(
      /^regions-never-overlap: broken at step 65 of 65 by canary\n {2}request {3}%\d+ = malloc 1\n/,
    );
    expect(output).toContain(`  trace     ${at('findings', name)} (65 operations, 1-minimal)\n`);
    expect(output).toContain(`  replay    npm run fuzz -- canary ${at('findings', name)}\n`);
    expect(output).toMatch(
      /\nstat::number_of_executed_units: +\d+\nstat::average_exec_per_sec: +\d+\nstat::new_units_added: +\d+\n/,
    );
    expect(output).toMatch(/\nstat::slowest_unit_time_sec: +\d+\nstat::peak_rss_mb: +\d+\n$/);
    const [header, ...lines] = readFileSync(at('findings', name), 'utf8').split('\n');
    expect(header).toMatch(
      /^# heaplaw trace 1 · subject canary · law regions-never-overlap · step 65 · seed 42 · kind malloc · relation same-start$/,
    );
    const comments = lines.filter((line) => line.startsWith('#')).map((line) => line.split(' ')[1]);
    expect(comments).toEqual(['request', 'answer', 'allowed', 'but', 'origin', 'size', 'replay', 'versions']);
  });

  it('ends at the first finding when asked to', async () => {
    const { exitCode, output } = await heaplaw(['canary', '--exit-on-finding', '--seed', '42']);
    expect(exitCode).toBe(77);
    expect(output).toContain('1 finding: ');
  });

  it('draws no trace when asked to end at a finding and an earlier one still fails', async () => {
    const asked = ['canary', '--exit-on-finding', '--seed', '42'];
    await heaplaw(asked);
    const { exitCode, output } = await heaplaw(asked);
    expect(exitCode).toBe(77);
    expect(output).toContain('1 finding: 0 traces, ');
  });

  it('prints one JSON object on standard output, and nothing else there', async () => {
    const { output, complaints } = await heaplaw(['canary', '--runs', '200', '--seed', '42', '--json']);
    expect(output.endsWith('\n')).toBe(true);
    const report = JSON.parse(output);
    expect(report).toMatchObject({
      exitCode: 77,
      ending: 'budget',
      subjects: [{ subject: 'canary', seed: 42, runs: 200 }],
    });
    expect(report.findings).toMatchObject([{ law: 'regions-never-overlap', step: 65, operations: 65, minimal: true }]);
    expect(complaints).toContain('regions-never-overlap: broken at step 65');
  });

  it('fuzzes all but the canary by turns when nothing is named', async () => {
    const { exitCode, output } = await heaplaw(['--runs', '2', '--seed', '1', '--json', '--max-ops', '20']);
    expect(exitCode).toBe(0);
    const subjects = JSON.parse(output).subjects.map(({ subject }: { subject: string }) => subject);
    expect(subjects).toEqual(expect.arrayContaining(['lua-bump', 'host-bump', 'host-stack', 'wasm-memory']));
    expect(subjects).not.toContain('canary');
  });

  it('ends in time', async () => {
    const { exitCode, output } = await heaplaw(['host-stack', '--max-total-time', '0.5', '--max-ops', '20']);
    expect(exitCode).toBe(0);
    expect(output).toMatch(/^nothing found/);
  });

  it('ends cleanly when interrupted: exit code 72, everything saved', async () => {
    const outside = new FakeSurroundings();
    setTimeout(() => outside.interrupt(), 300);
    const { exitCode, output } = await heaplaw(['host-stack', '--max-ops', '20', '--seed', '1'], outside);
    expect(exitCode).toBe(72);
    expect(output).toMatch(/^nothing found: .*, interrupted\n/);
    expect(JSON.parse(readFileSync(at('state', 'host-stack', 'state.json'), 'utf8'))).toMatchObject({
      seed: 1,
      ended: false,
    });
  });

  it('draws a panel on a terminal', async () => {
    const { complaints } = await heaplaw(
      ['canary', '--runs', '2048', '--seed', '42', '--max-ops', '40'],
      new FakeSurroundings({ isTerminal: true }),
    );
    expect(complaints).toMatch(
      /heaplaw canary {2}[\d.]+ s, until Ctrl-C, 1 workers, seed 42\n {2}traces +[\d,]+ +[\d,]+\/s\n/,
    );
    expect(complaints).toContain('nothing found');
    expect(complaints.endsWith('\u001b[0J')).toBe(true);
  });

  it('writes the corpus to the first directory and reads the others', async () => {
    mkdirSync(at('more'));
    write('more/a.trace', ['# heaplaw trace 1', '%0 = malloc 8']);
    mkdirSync(at('mine'));
    await heaplaw(['host-stack', at('mine'), at('more'), '--runs', '64', '--seed', '1']);
    expect(readdirSync(at('mine')).length).toBeGreaterThan(0);
    expect(existsSync(at('state', 'host-stack', 'corpus'))).toBe(false);
  });

  it('reports a hang among the findings with exit code 70', async () => {
    const makeTarget: typeof targetFor = (reference) => {
      const target = targetFor(reference);
      const answer = 'FuelExhausted: no fuel';
      const violation = {
        law: 'operations-end',
        step: 1,
        kind: 'malloc',
        request: 'r',
        answer,
        allowed: 'a',
        relation: 'none',
      } as const;
      return { ...target, open: () => Object.assign(target.open(), { run: () => violation }) };
    };
    const outside = new FakeSurroundings({ makeTarget });
    expect((await heaplaw(['host-stack', '--runs', '3', '--seed', '1'], outside)).exitCode).toBe(70);
  });

  it('reads and writes the files of AFL++', async () => {
    await heaplaw(['host-stack', '--runs', '64', '--seed', '1']);
    const stats = readFileSync(at('state', 'host-stack', 'fuzzer_stats'), 'utf8');
    expect(stats).toMatch(/^start_time {8}: \d+\nlast_update {7}: \d+\nrun_time {10}: \d+\nfuzzer_pid {8}: \d+\n/);
    expect(stats).toMatch(
      /\nafl_banner {8}: host-stack\nafl_version {7}: heaplaw-.*\ntarget_mode .*\ncommand_line {6}: .*\n$/,
    );
    const [header, line] = readFileSync(at('state', 'host-stack', 'plot_data'), 'utf8').split('\n');
    expect(header).toMatch(/^# relative_time, cycles_done, .*, edges_found$/);
    expect(line?.split(', ')).toHaveLength(13);
  });
});

describe('replaying', () => {
  it('gives an account of every step of a sound trace', async () => {
    const path = write('a.trace', [
      '# heaplaw trace 1 · subject host-stack',
      '%0 = malloc 16',
      'mark',
      '%1 = realloc %1 4',
      'pop',
      '%2 = malloc 40000',
    ]);
    const { exitCode, output } = await heaplaw([path]);
    expect(exitCode).toBe(0);
    expect(output.split('\n')).toEqual([
      `${path} on host-stack`,
      '  1  %0 = malloc 16     0x8000..0x8010',
      '  2  mark               done',
      '  3  %1 = realloc %1 4  left out: the subject does not promise it',
      '  4  pop                popped',
      '  5  %2 = malloc 40000  NULL',
      'every law held',
      '',
      '',
    ]);
  });

  it('shows a violation, and ends with 77', async () => {
    const { exitCode, output } = await heaplaw(['canary', canaryTrace()]);
    expect(exitCode).toBe(77);
    expect(output).toMatch(
      /\n {2}65 {2}%64 = malloc 8 {2}0x101f8\.\.0x10200\nregions-never-overlap: broken at step 65 of 70 by canary\n/,
    );
    expect(output).toMatch(/\n {2}law {7}no two live blocks share a byte\n/);
  });

  it('tells machines, too', async () => {
    const { output } = await heaplaw([canaryTrace(), '--json']);
    expect(JSON.parse(output)).toMatchObject({
      exitCode: 77,
      replayed: [{ subject: 'canary', violation: { step: 65 } }],
    });
  });

  it('replays a trace of what is no allocator', async () => {
    const path = write('m.trace', [
      '# heaplaw trace 1 · subject wasm-memory · law regions-stay-in-bounds',
      'write_i32 0 0x5',
      'read_i32 0',
    ]);
    const { exitCode, output } = await heaplaw([path]);
    expect(exitCode).toBe(0);
    expect(output).toContain('  1  write_i32 0x0 0x5\n  2  read_i32 0x0\nevery law held\n');
  });

  it('needs to know the subject', async () => {
    const unnamed = write('u.trace', ['# heaplaw trace 1', 'free %0']);
    expect((await heaplaw([unnamed])).complaints).toBe(
      `heaplaw: ${unnamed}: the header names no subject; say which: SUBJECT ${unnamed}\n`,
    );
    const strange = write('s.trace', ['# heaplaw trace 1 · subject nobody', 'free %0']);
    expect((await heaplaw([strange])).complaints).toContain('names the subject "nobody", which there is not');
    expect((await heaplaw(['host-stack', 'canary', unnamed])).complaints).toContain('name one, or none');
  });
});

describe('merging', () => {
  it('keeps every shape, and changes nothing the second time', async () => {
    await heaplaw(['host-stack', '--runs', '200', '--seed', '1', '--max-ops', '60']);
    const before = readdirSync(at('state', 'host-stack', 'corpus'));
    const first = await heaplaw(['--merge', 'host-stack', '--json']);
    const [merged] = JSON.parse(first.output).merged;
    expect(merged.after).toBeLessThan(before.length);
    const names = readdirSync(at('state', 'host-stack', 'corpus')).sort();
    expect(names).toHaveLength(merged.after);
    const second = await heaplaw(['--merge', 'host-stack', '--json']);
    expect(JSON.parse(second.output).merged[0]).toMatchObject({
      before: merged.after,
      after: merged.after,
      shapes: merged.shapes,
    });
    expect(readdirSync(at('state', 'host-stack', 'corpus')).sort()).toEqual(names);
  });

  it('brings directories together in the first', async () => {
    mkdirSync(at('one'));
    mkdirSync(at('two'));
    write('one/a.trace', ['# heaplaw trace 1', '%0 = malloc 8', '%0 = malloc 8']);
    write('two/b.trace', ['# heaplaw trace 1', '%0 = malloc 8']);
    write('two/c.trace', ['not a trace']);
    const { output, complaints } = await heaplaw(['host-stack', '-merge=1', at('one'), at('two')]);
    expect(output).toMatch(/^host-stack: 2 traces in, \d kept in /);
    expect(complaints).toMatch(/^warning: .*c\.trace:1: found "not a trace", expected a first line/);
  });
});

describe('minimizing', () => {
  it('writes the smallest beside the trace', async () => {
    const path = canaryTrace();
    const { exitCode, output } = await heaplaw(['--minimize', path]);
    expect(exitCode).toBe(0);
    expect(output).toContain(`(65 operations, 1-minimal)\n  replay    npm run fuzz -- canary ${path}.min\n`);
    expect(readFileSync(`${path}.min`, 'utf8')).toMatch(
      /^# heaplaw trace 1 · subject canary · law regions-never-overlap · step 65 /,
    );
  });

  it('writes to an exact path, and tells machines', async () => {
    const words = ['canary', '-minimize_crash=1', canaryTrace(), `-exact_artifact_path=${at('small.trace')}`, '--json'];
    expect(JSON.parse((await heaplaw(words)).output)).toMatchObject({ path: at('small.trace'), minimal: true });
    expect(existsSync(at('small.trace'))).toBe(true);
  });

  it('refuses a trace that breaks no law', async () => {
    const path = write('fine.trace', ['# heaplaw trace 1 · subject host-stack', '%0 = malloc 8']);
    const { exitCode, complaints } = await heaplaw(['--minimize', path]);
    expect([exitCode, complaints]).toEqual([
      1,
      `heaplaw: ${path}: every law held on host-stack, expected a trace that breaks one\n`,
    ]);
  });
});

describe('emitting', () => {
  it.each(['c', 'zig', 'vitest'])('prints a program in %s', async (language) => {
    const { exitCode, output } = await heaplaw(['--emit', language, canaryTrace()]);
    expect(exitCode).toBe(0);
    expect(output).toMatch(/malloc/);
  });

  it('needs a trace that the language can say', async () => {
    expect((await heaplaw(['--emit', 'c'])).complaints).toContain('expected at least one trace file');
    const path = write('m.trace', ['# heaplaw trace 1', 'read_i32 0']);
    expect((await heaplaw(['--emit', 'c', path])).complaints).toContain(path);
  });
});

describe('exhausting', () => {
  it('runs every small trace and says how many', async () => {
    const { exitCode, output } = await heaplaw(['--exhaustive', '2', 'host-stack']);
    expect(exitCode).toBe(0);
    expect(output).toMatch(
      /^host-stack: all [\d,]+ traces of up to 2 operations over \d slots and sizes .*: every law held, /,
    );
  });

  it('runs on every allocator when none is named', async () => {
    const { output } = await heaplaw(['--exhaustive', '1', '--json']);
    const { exhaustive, exitCode } = JSON.parse(output);
    expect(exitCode).toBe(0);
    expect(exhaustive.map(({ subject }: { subject: string }) => subject)).not.toContain('wasm-memory');
  });

  it('reports what it finds', async () => {
    const makeTarget = targetFor;
    void makeTarget;
    const { exitCode, complaints } = await heaplaw(['--exhaustive', '1', 'wasm-memory']);
    expect([exitCode, complaints]).toEqual([
      1,
      'heaplaw: --exhaustive: wasm-memory is no allocator, so there is nothing to vary\n',
    ]);
  });
});

describe('what people can put right is one line, exit code 1', () => {
  it.each([
    [['host-bumb'], /^heaplaw: no subject, directory or trace "host-bumb": did you mean host-bump\? .*\n$/],
    [['no/such/file.trace'], /^heaplaw: no subject, directory or trace "no\/such\/file\.trace": expected one of .*\n$/],
    [['no/such.wasm'], /^heaplaw: no file no\/such\.wasm: expected a WebAssembly module that exports an allocator\n$/],
    [['--runs', 'x'], /^heaplaw: --runs x: found "x", expected a number of traces, 0 or more\n$/],
    [['--nonsense'], /^heaplaw: .*--nonsense.*\n$/],
  ])('%j', async (words, message) => {
    const { exitCode, complaints, output } = await heaplaw(words);
    expect([exitCode, output]).toEqual([1, '']);
    expect(complaints).toMatch(message);
  });

  it('a broken trace, with its line', async () => {
    const path = write('b.trace', ['# heaplaw trace 1 · subject host-stack', '%0 = malloc 8', '%0 = malloc eight']);
    expect((await heaplaw([path])).complaints).toMatch(
      /^heaplaw: .*b\.trace:3: found "eight", expected a whole number .*\n$/,
    );
  });

  it('a directory that is a file', async () => {
    const file = write('file', ['x']);
    const { exitCode, complaints } = await heaplaw(['host-stack', '--corpus', join(file, 'corpus'), '--runs', '64']);
    expect(exitCode).toBe(1);
    expect(complaints).toMatch(/\nheaplaw: cannot write .*: part of the path is a file, expected a directory\n$/);
  });

  it('a corpus that is no directory', async () => {
    const file = write('file', ['x']);
    const { exitCode, complaints } = await heaplaw(['host-stack', '--corpus', file, '--runs', '64']);
    expect([exitCode, complaints]).toEqual([
      1,
      `heaplaw: cannot read ${file}: part of the path is a file, expected a directory\n`,
    ]);
  });
});

describe('help', () => {
  it('names every option, its default and examples', async () => {
    const { exitCode, output } = await heaplaw(['--help']);
    expect(exitCode).toBe(0);
    expect(output).toMatch(/usage: npm run fuzz --/);
    expect(output).toMatch(/--timeout S .*\(default: 25\)/);
  });

  it('lists the subjects', async () => {
    expect((await heaplaw(['--list'])).output).toMatch(/^lua-bump +the Lua module's bump pool/);
  });
});
