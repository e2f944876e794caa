/**
 * failing-allocations-are-survived: whichever allocation fails, alone, with its repetition, or with all that follow, Lua
 * reports a memory error or goes on, the heap stays consistent, and the same script succeeds afterwards (fuzz/lua/ordeal.ts
 * has the whole list). Every allocation of a script that makes every kind of object, and of the making of the state;
 * of the other scripts some, by FC_NUM_RUNS, and all by `npm run starve`.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LUA_SCRIPTS } from '../../corpus/lua-bump/scripts.ts';
import { pressureScript } from '../../corpus/lua-reclaiming/scripts.ts';
import { FAMINE_LENGTHS, type FamineLength } from '../../fuzz/lua/famine.ts';
import { Ordeal, type OrdealOutcome, type OrdealScript } from '../../fuzz/lua/ordeal.ts';
import { claim } from '../claim.ts';
import { readRunSettings } from '../run-settings.ts';
import { AuditedLua } from './audited-lua.ts';
import { programOf, statements } from './lua-programs.ts';
import { TAPPED_MODULE_NAMES, tappableModule } from './machines.ts';

const EVERY_KIND = pressureScript('every-kind');
/** Needs no more than a state. */
const NOTHING: OrdealScript = { name: 'nothing', text: '', expected: '' };
/** What was asked to fail when it was written counts on a fixed pool, and what tunes the collector sees it tuned. */
const SCRIPTS: readonly OrdealScript[] = LUA_SCRIPTS.filter(({ name }) => name !== 'out-of-memory.lua').map(
  (script) => ({
    ...script,
    repeats: script.name !== 'gc-pressure.lua',
  }),
);

/** Allocations tried of each script of the corpus, a module and a length of famine. */
const SAMPLES = Math.ceil(readRunSettings(process.env).runs / 20);

describe.each(TAPPED_MODULE_NAMES)('%s survives', (module) => {
  describe.each(FAMINE_LENGTHS)('a famine (%s)', (length) => {
    it('at every allocation of a script that makes every kind of object', () => {
      const ordeal = new Ordeal(tappableModule(module), EVERY_KIND);
      const outcomes = suffer(ordeal, length, every(1, ordeal.countRequests()));
      expect(outcomes).toContain(length === 'once' ? 'survived' : 'memory error');
    });

    it('at every allocation that makes the state', () => {
      const ordeal = new Ordeal(tappableModule(module), NOTHING);
      const made = ordeal.countRequests(true);
      const outcomes = every(1, made).map((first) => ordeal.refuseAllocation(first, length, true));
      expect(outcomes[0]).toBe('memory error');
      expect(outcomes.filter((outcome) => outcome === 'handled')).toEqual([]);
    });

    it.each(SCRIPTS)('in $name', (script) => {
      const ordeal = new Ordeal(tappableModule(module), script);
      const requests = ordeal.countRequests();
      const step = Math.max(1, Math.floor(requests / SAMPLES));
      expect(suffer(ordeal, length, every(step, requests)).length).toBeGreaterThan(0);
    });
  });
});

claim(
  'in any program, wherever it is hit, on either module',
  [statements, fc.nat(), fc.constantFrom(...FAMINE_LENGTHS), fc.constantFrom(...TAPPED_MODULE_NAMES)],
  (lines, place, length, module) => {
    const text = programOf(lines);
    const script = { name: 'program', text, expected: new AuditedLua(module).outputOf(text) };
    const ordeal = new Ordeal(tappableModule(module), script);
    ordeal.refuseAllocation(1 + (place % ordeal.countRequests()), length);
  },
  { runs: 40 },
);

/** The outcomes, each once. */
function suffer(ordeal: Ordeal, length: FamineLength, places: readonly number[]): OrdealOutcome[] {
  return [...new Set(places.map((first) => ordeal.refuseAllocation(first, length)))];
}

/** 1, 1 + step, ... up to `last`. */
const every = (step: number, last: number): number[] =>
  Array.from({ length: Math.ceil(last / step) }, (_, index) => 1 + index * step);
