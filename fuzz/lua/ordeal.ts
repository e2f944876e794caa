/**
 * One script run while its requests fail, and everything that must hold afterwards:
 *
 * - no trap: the run ends well, or in a Lua memory error, or as the script's own error handling has it;
 * - the heap is consistent (`heap_check` where the module has it), its counters are what Lua holds, no blocks overlap;
 * - Lua kept lua_Alloc's contract, and `collectgarbage("count")` is the sum of nsize - osize;
 * - the same script succeeds afterwards, in the same state after a collection, with its expected output;
 * - closing the state gives every block back.
 */

import { usableBytes } from '../../wasm/allocators/reclaiming-profile.ts';
import { LuaError } from '../subjects/lua-implementation.ts';
import { Famine, type FamineLength } from './famine.ts';
import { LuaLedger } from './lua-ledger.ts';
import { type AllocationTap, type TappableModule, TappedLua } from './tapped-lua.ts';

/** A Lua program, and what it prints when nothing fails. */
export interface OrdealScript {
  readonly name: string;
  readonly text: string;
  readonly expected: string;
  /** False where it prints something else when it runs again in the same state. */
  readonly repeats?: boolean;
}

/** How the run under famine ended: `survived` with its expected output, `handled` by the script's own error handling. */
export type OrdealOutcome = 'survived' | 'handled' | 'memory error';

/** What went wrong, as one sentence. */
export class OrdealFailure extends Error {
  override readonly name = 'OrdealFailure';
}

/** What stands before and behind the account of Lua's calls. */
export interface OrdealFaults {
  readonly caller: AllocationTap;
  readonly allocator: AllocationTap;
}

const honestly: AllocationTap = (pointer, oldBytes, newBytes, next) => next(pointer, oldBytes, newBytes);

interface Hardship {
  begin(): void;
  end(): void;
  /** Whether making the state is part of it. */
  readonly fromStart?: boolean;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

type Counter = () => number;

export class Ordeal {
  readonly #script: OrdealScript;
  readonly #machine: TappedLua;
  readonly #ledger = new LuaLedger();
  readonly #famine = new Famine();
  readonly #catchesErrors: boolean;
  readonly #faults: OrdealFaults;

  /** `faults` are for the ordeal's own tests. */
  constructor(module: TappableModule, script: OrdealScript, faults: Partial<OrdealFaults> = {}) {
    this.#script = script;
    this.#faults = { allocator: honestly, caller: honestly, ...faults };
    // os.time is the sum of nsize - osize, in seconds, so that a script can compare it with what Lua counts.
    this.#machine = new TappedLua(module, { time: () => this.#ledger.liveBytes * 1000 });
    this.#attend(this.#faults.allocator);
    this.#catchesErrors = /\b(pcall|xpcall|resume|wrap)\b/.test(script.text);
  }

  /** How many allocations the script performs when nothing fails; with `fromStart` those of making the state, too. */
  countRequests(fromStart = false): number {
    this.#prepare(fromStart);
    this.#famine.end();
    this.#run();
    const { requests } = this.#famine;
    this.#judgeState();
    this.#finish();
    return requests;
  }

  /** How often the module asks memory to grow while the script runs, and the pages memory has along the way. */
  countGrowths(): { readonly calls: number; readonly pages: readonly number[] } {
    this.#prepare(false);
    const before = this.#machine.growCalls;
    const pages = new Set([this.#machine.pages]);
    this.#attend((pointer, oldBytes, newBytes, next) => {
      const answer = this.#faults.allocator(pointer, oldBytes, newBytes, next);
      pages.add(this.#machine.pages);
      return answer;
    });
    this.#run();
    this.#attend(this.#faults.allocator);
    const calls = this.#machine.growCalls - before;
    this.#finish();
    return { calls, pages: [...pages].sort((a, b) => a - b) };
  }

  /** Refuses allocation number `first` (from 1) and as many more as `length` says. Throws OrdealFailure. */
  refuseAllocation(first: number, length: FamineLength, fromStart = false): OrdealOutcome {
    return this.#suffer(`allocation ${first} refused (${length})`, {
      begin: () => this.#famine.begin(first, length),
      end: () => this.#famine.end(),
      fromStart,
    });
  }

  /** Refuses the `call`-th request (from 1) to grow memory. One machine can do this once, since memory never shrinks. */
  refuseGrowth(call: number): OrdealOutcome {
    return this.#suffer(`growth ${call} refused`, {
      begin: () => this.#machine.refuseGrowth(call),
      end: () => this.#machine.refuseGrowth(0),
    });
  }

  /** Lets memory grow to `pages` at most during the run. One machine can do this once. */
  limitGrowth(pages: number, maximumPages: number): OrdealOutcome {
    return this.#suffer(`growth past ${pages} pages refused`, {
      begin: () => this.#machine.limitGrowth(pages),
      end: () => this.#machine.limitGrowth(maximumPages),
    });
  }

  /** From Lua to the allocator: the caller's faults, the ledger, the famine, the allocator's faults. */
  #attend(allocator: AllocationTap): void {
    const { tap } = this.#famine;
    const watched = this.#ledger.watching((pointer, oldBytes, newBytes, next) =>
      tap(pointer, oldBytes, newBytes, (at, held, wanted) => allocator(at, held, wanted, next)),
    );
    this.#machine.tap = (pointer, oldBytes, newBytes, next) =>
      this.#faults.caller(pointer, oldBytes, newBytes, (at, held, wanted) => watched(at, held, wanted, next));
  }

  #prepare(fromStart: boolean): void {
    this.#famine.end();
    if (!fromStart) this.#machine.lua.init();
    this.#famine.end();
  }

  #suffer(what: string, hardship: Hardship): OrdealOutcome {
    try {
      this.#prepare(hardship.fromStart === true);
      hardship.begin();
      const outcome = this.#run();
      hardship.end();
      this.#judgeState();
      if (outcome === 'memory error') this.#judgeStillborn();
      this.#judgeRecovery();
      this.#finish();
      return outcome;
    } catch (error) {
      throw new OrdealFailure(`${this.#script.name}, ${what}: ${messageOf(error)}`);
    }
  }

  #run(): OrdealOutcome {
    const { lua } = this.#machine;
    try {
      lua.run(this.#script.text, `@${this.#script.name}`);
      if (this.#machine.takeOutput() === this.#script.expected) return 'survived';
      if (this.#catchesErrors) return 'handled';
    } catch (error) {
      this.#machine.takeOutput();
      if (!(error instanceof LuaError) || error.kind === 'state') throw error;
      if (error.kind === 'memory') return 'memory error';
      if (this.#catchesErrors) return 'handled';
      throw error;
    }
    throw new Error('it printed something else, and caught no error');
  }

  #judgeState(): void {
    const { exports, memory } = this.#machine.lua;
    const expect = (name: string, wanted: number): void => {
      const found = name in exports ? (exports[name] as Counter)() >>> 0 : wanted;
      if (found !== wanted) throw new Error(`${name}() is ${found}, expected ${wanted}`);
    };
    const sizes = [...this.#ledger.blocks.values()];
    expect('heap_check', 0);
    expect('heap_live_blocks', sizes.length);
    expect(
      'heap_live_bytes',
      sizes.reduce((sum, size) => sum + usableBytes(size), 0),
    );
    const wrong = this.#ledger.breach ?? this.#ledger.overlap(memory.size());
    if (wrong !== undefined) throw new Error(wrong);
  }

  /** A state that could not be made leaves nothing behind. After a run that had one, there is a message at least. */
  #judgeStillborn(): void {
    const left = this.#ledger.blocks.size;
    if (this.#machine.lua.exports.lua_result_count() > 0 || left === 0) return;
    throw new Error(`no state was made, but ${left} blocks are live`);
  }

  /** In the same state, unless the script minds: a collection, the account, and the script once more. */
  #judgeRecovery(): void {
    const { lua } = this.#machine;
    if (this.#script.repeats === false) lua.close();
    lua.run('collectgarbage() collectgarbage()');
    const [counted, summed] = lua.run('return collectgarbage("count") * 1024, os.time()');
    if (counted !== summed) throw new Error(`Lua counts ${counted} bytes, nsize - osize sums to ${summed}`);
    this.#runAgain();
    this.#judgeState();
  }

  #runAgain(): void {
    let outcome = this.#outcome();
    // A pool that takes nothing back may hold what the script needs once, and not twice.
    if (outcome === 'memory error' && !('heap_live_blocks' in this.#machine.lua.exports)) {
      this.#machine.lua.close();
      this.#startOver();
      outcome = this.#outcome();
    }
    if (outcome !== 'survived') throw new Error(`the same script did not succeed afterwards: ${outcome}`);
  }

  #outcome(): string {
    try {
      return this.#run();
    } catch (error) {
      return messageOf(error);
    }
  }

  #startOver(): void {
    this.#machine.lua.reset();
    this.#ledger.clear();
  }

  /** Closing the state leaves nothing behind; the reset is for the modules that reclaim nothing. */
  #finish(): void {
    this.#machine.lua.close();
    this.#machine.takeOutput();
    this.#judgeState();
    const left = this.#ledger.blocks.size;
    if (left !== 0) throw new Error(`${left} blocks are live after the state was closed`);
    this.#startOver();
  }
}
