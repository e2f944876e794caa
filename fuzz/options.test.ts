import { describe, expect, it } from 'vitest';
import { DEFAULT_MAX_OPS, DEFAULT_TIMEOUT_SECONDS, parseOptions } from './options.ts';
import { UsageError } from './usage-error.ts';

describe('defaults', () => {
  it('fuzzes without end', () => {
    const { maxTotalTime, runs, seed, workers, ...rest } = parseOptions([]);
    expect([maxTotalTime, runs, seed, workers]).toEqual([undefined, undefined, undefined, undefined]);
    expect(rest).toEqual({
      mode: 'fuzz',
      positionals: [],
      maxOps: DEFAULT_MAX_OPS,
      artifactPrefix: '.fuzz/findings',
      state: '.fuzz',
      timeout: DEFAULT_TIMEOUT_SECONDS,
      exitOnFinding: false,
      printFinalStats: false,
      json: false,
      module: { misuse: false },
    });
  });
});

describe('the same flag in two spellings', () => {
  it.each([
    [['--max-total-time', '60'], ['-max_total_time=60']],
    [['--max-total-time=60'], ['--max_total_time=60']],
    [['--runs', '100'], ['-runs=100']],
    [['--seed', '7'], ['-seed=7']],
    [['--workers', '3'], ['-workers=3']],
    [['--workers', '3'], ['-jobs=3']],
    [['--workers', '3'], ['-fork=3']],
    [['--max-ops', '50'], ['-max_len=50']],
    [['--artifact-prefix', 'out/'], ['-artifact_prefix=out/']],
    [['--timeout', '5'], ['-timeout=5']],
    [['--print-final-stats'], ['-print_final_stats=1']],
    [
      ['--merge', 'a', 'b'],
      ['-merge=1', 'a', 'b'],
    ],
    [
      ['--merge', 'a'],
      ['-set_cover_merge=1', 'a'],
    ],
    [
      ['--minimize', 'x.trace'],
      ['-minimize_crash=1', 'x.trace'],
    ],
    [['--help'], ['-help=1']],
    [['--help'], ['-h']],
    [[], ['-merge=0', '-minimize_crash=0', '-runs=-1', '-seed=0', '-max_total_time=0']],
    [[], ['-reload=1', '-verbosity=2', '-ignore_crashes=1', '-len_control=100']],
  ])('%j is %j', (ours, theirs) => {
    expect(parseOptions(theirs)).toEqual(parseOptions(ours));
  });
});

describe('values', () => {
  it('takes a commit hash as a seed, by its first 32 bits', () => {
    expect(parseOptions(['--seed', 'cd595c4d00112233445566778899aabbccddeeff']).seed).toBe(0xcd595c4d);
  });

  it('replays the corpus only with no runs', () => {
    expect(parseOptions(['--runs', '0']).runs).toBe(0);
  });

  it('hands the flags of modules on', () => {
    const words = ['--abi', 'c', '--map', 'malloc=f', '--profile', 'p.json', '--save-profile', 's.json'];
    const more = ['--memory-cap', '64M', '--alignment', '16', '--misuse', '--against', 'other.wasm'];
    expect(parseOptions([...words, ...more]).module).toEqual({
      abi: 'c',
      map: 'malloc=f',
      profile: 'p.json',
      saveProfile: 's.json',
      memoryCap: '64M',
      alignment: 16,
      misuse: true,
      against: 'other.wasm',
    });
  });

  it.each([
    [['--list'], 'list'],
    [['--exhaustive', '4'], 'exhaustive'],
    [['--emit', 'c', 'x.trace'], 'emit'],
    [['--minimize', 'x.trace'], 'minimize'],
    [['--merge'], 'merge'],
  ] as const)('%j is mode %s', (words, mode) => {
    expect(parseOptions(words).mode).toBe(mode);
  });
});

describe('what cannot be understood is one line that says what was expected', () => {
  it.each([
    [['--nonsense'], /--nonsense.*--help lists the options/],
    [['--runs', 'many'], /^--runs many: found "many", expected a number of traces, 0 or more$/],
    [['--runs', '1.5'], /expected a number of traces/],
    [['--max-ops', '0'], /expected a number of operations, 1 or more/],
    [['--timeout', '0'], /expected a number of seconds, 1 or more/],
    [['--seed', '4294967296'], /expected a number from 1 to 4294967295 or a commit hash/],
    [['--seed', 'cd595c4d'], /commit hash of 40 digits/],
    [['--emit', 'rust'], /expected c, zig or vitest/],
    [['-merge=2'], /found "2", expected 0 or 1/],
    [['-minimize_crash=1'], /expected the trace file to minimize/],
    [['--max-total-time'], /argument missing/],
  ])('%j', (words, message) => {
    expect(() => parseOptions(words)).toThrow(UsageError);
    expect(() => parseOptions(words)).toThrow(message);
    expect(() => parseOptions(words)).not.toThrow(/\n/);
  });
});
