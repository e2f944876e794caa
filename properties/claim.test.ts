import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { answerTo, broken, defineClaim } from './claim.ts';
import { BrokenClaim, reportFailure } from './report-failure.ts';

const settings = fc.readConfigureGlobal();

afterEach(() => fc.configureGlobal(settings));

const smallNumbers = defineClaim('numbers stay below 100', [fc.nat(1000), fc.nat(1000)], (first, second) => {
  if (first < 100) return;
  broken({ request: `take(${first}, ${second})`, answer: String(first), allowed: 'less than 100' });
});

describe('a claim', () => {
  it('that holds is not refuted', () => {
    expect(defineClaim('true', [fc.nat()], () => {}).refute()).toBeUndefined();
  });

  it('without arbitraries is tried once', () => {
    let tries = 0;
    defineClaim('counts', [], () => {
      tries += 1;
    }).refute();
    expect(tries).toBe(1);
  });

  it('asks for its own number of runs, scaled as FC_NUM_RUNS says', () => {
    let tries = 0;
    fc.configureGlobal({ ...settings, numRuns: 200 });
    defineClaim(
      'counts',
      [fc.nat()],
      () => {
        tries += 1;
      },
      { runs: 30 },
    ).refute();
    expect(tries).toBe(60);
  });

  it('makes a part of its runs, and at least one, for who asks for no more', () => {
    let tries = 0;
    const counts = defineClaim('counts', [fc.nat()], () => {
      tries += 1;
    });
    counts.refute({ share: 0.2 });
    counts.refute({ share: 0.001 });
    expect(tries).toBe(20 + 1);
  });

  it('ends at the first case that breaks it for who asks for no smaller one', () => {
    const refutation = smallNumbers.refute({ shrinks: false });
    expect(refutation?.shrinks).toBe(0);
    expect(refutation?.counterexample).not.toEqual([100, 0]);
    expect(refutation?.error).toBeInstanceOf(BrokenClaim);
  });

  it('keeps no stack of what is thrown on the way, and that of an error it did not ask for', () => {
    const limit = Error.stackTraceLimit;
    const stacks: (string | undefined)[] = [];
    const escaping = defineClaim('true', [fc.nat()], (value) => {
      stacks.push(new Error('refused').stack);
      if (value > 10) throw new RangeError('too far');
    });
    const { error } = escaping.refute() ?? {};
    expect(stacks[0]).toBe('Error: refused');
    expect(error instanceof RangeError ? error.stack : '').toContain('claim.test.ts');
    expect(Error.stackTraceLimit).toBe(limit);
  });

  it('that is broken comes down to the smallest case, and replays from seed and path alone', () => {
    const refutation = smallNumbers.refute();
    expect(refutation?.counterexample).toEqual([100, 0]);
    const replay = { ...settings, path: refutation?.path ?? '', endOnFailure: true };
    fc.configureGlobal(replay);
    const replayed = smallNumbers.refute();
    expect(replayed?.counterexample).toEqual([100, 0]);
    expect(replayed?.shrinks).toBe(0);
  });

  it('reports the law, the call, what was allowed and the line that replays it', () => {
    const refutation = smallNumbers.refute();
    const place = { fullTitle: "a-law > it's below $100", file: 'properties/a-law.property.ts' };
    const report = refutation === undefined ? '' : reportFailure(refutation, place);
    expect(report).toContain("a-law > it's below $100: broken after");
    expect(report).toContain(
      '  request   take(100, 0)\n  answer    100\n  allowed   less than 100\n  case      [100,0]\n',
    );
    const replay = `FC_SEED=${refutation?.seed} FC_PATH=${refutation?.path} npx vitest run properties/a-law.property.ts`;
    expect(report).toContain(`  replay    ${replay} -t 'a-law it'\\''s below \\$100$'`);
  });

  it('reports what escapes from the code under test', () => {
    const refutation = defineClaim('true', [fc.nat()], () => JSON.parse('{')).refute();
    const report = refutation === undefined ? '' : reportFailure(refutation, { fullTitle: 'law > true', file: 'x' });
    expect(report).toContain('answer    threw SyntaxError:');
  });
});

describe('answerTo', () => {
  it('hands on the answer', () => {
    expect(answerTo('one()', () => 1)).toBe(1);
  });

  it('breaks the claim when the call throws', () => {
    const call = (): never => {
      throw new RangeError('too far');
    };
    expect(() => answerTo('far()', call)).toThrow(BrokenClaim);
    expect(() => answerTo('far()', call)).toThrow('far() answered threw, RangeError: too far; allowed: an answer');
    expect(() => answerTo('far()', call, '3: it is near')).toThrow('RangeError: too far; allowed: 3: it is near');
  });
});
