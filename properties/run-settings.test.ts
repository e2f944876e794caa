import { describe, expect, it } from 'vitest';
import { DEFAULT_SEED, describeRunSettings, readRunSettings } from './run-settings.ts';

describe('run settings', () => {
  it('are fixed when nothing is set, so that CI gives the same answer twice', () => {
    const expected = { seed: DEFAULT_SEED, runs: 100, path: undefined };
    expect(readRunSettings({})).toEqual(expected);
    expect(readRunSettings({ FC_SEED: '', FC_NUM_RUNS: '', FC_PATH: '' })).toEqual(expected);
  });

  it('follow the environment', () => {
    const settings = readRunSettings({ FC_SEED: '-7', FC_NUM_RUNS: '1000', FC_PATH: '3:1:0' });
    expect(settings).toEqual({ seed: -7, runs: 1000, path: '3:1:0' });
    expect(describeRunSettings(settings)).toContain('FC_SEED=-7 FC_NUM_RUNS=1000 FC_PATH=3:1:0');
  });

  it.each([
    [{ FC_SEED: 'abc' }, /^FC_SEED=abc is not a whole number from -2147483648 to 2147483647; unset it for 42\.$/],
    [{ FC_SEED: '2147483648' }, /^FC_SEED=2147483648 is not/],
    [{ FC_SEED: '1.5' }, /^FC_SEED=1\.5 is not/],
    [{ FC_NUM_RUNS: '0' }, /^FC_NUM_RUNS=0 is not a whole number from 1 to/],
    [{ FC_PATH: '3:x' }, /^FC_PATH=3:x is not a path such as 3:1:0; copy it from the replay line/],
  ])('refuse %j in one clear line', (environment, line) => {
    expect(() => readRunSettings(environment)).toThrow(line);
  });
});
