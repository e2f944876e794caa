/**
 * Which exports of a module are counters, and what each means: by hypothesis, from short scripts of malloc and free.
 *
 * What then holds for realloc, calloc, aligned_alloc and refusals follows from the meaning, and is for the laws.
 */
import { CounterLedger } from '../../model/counter-ledger.ts';
import { type CounterMeaning, type CounterPromise, LIVE, type Totals } from '../../model/counter-meanings.ts';
import type { Profile } from '../../model/profile.ts';
import { functionTypeOf } from '../../wasm/module.ts';
import { showType } from '../../wasm/types.ts';
import { signature } from '../abi/abi.ts';
import { loneAllocAbi, pairAbi } from '../abi/pair.ts';
import { stackAbi } from '../abi/stack.ts';
import type { ModuleSubject } from '../module-subject.ts';
import { allocate, attempt, type ProbeBlock, release } from './attempt.ts';

const GETTER = signature(0, 1);
/** More exports than this that take nothing and return a number belong to a program, not to an allocator. */
const MOST_CANDIDATES = 64;
/** Sizes in bytes of the blocks of each script. A defect may hide a meaning from one of them. */
const SCRIPTS: readonly (readonly number[])[] = [
  [1, 2, 3, 5, 7, 4, 6, 1, 3, 2, 7, 5],
  [17, 24, 33, 40, 60, 20, 50, 33, 17, 60, 19, 57],
  [100, 200, 300, 777, 640, 128, 250, 512, 513, 111, 100, 400],
  [1000, 4000, 2050, 3000, 1500, 1024, 3333, 2500, 4096, 1001, 3500, 1200],
];
const SCRIPTS_THAT_FIT = SCRIPTS.length - 1;
/** With nothing to round: a counter that takes back what was asked for, and not what was given, is right in these. */
const ROUND_SCRIPTS: readonly (readonly number[])[] = [
  [16, 4096, 32, 1024, 64, 2048, 128, 512, 256, 32, 1024, 16],
  [64, 64, 512, 32, 4096, 16, 2048, 256, 128, 1024, 64, 512],
];
/** Frees two of every three blocks while others are still made, and the rest in another order than they came in. */
const isFreedEarly = (index: number) => index % 3 !== 0;

/** Where a heap takes nothing back, a counter of a peak and one of what is used read the same; their names tell them apart. */
const NAMES_A_PEAK = /peak|max|high|water|most/i;
const RECLAIMING_MEANINGS: readonly CounterMeaning[] = [
  'live-blocks',
  'left-blocks',
  'live-bytes',
  'used-bytes',
  'left-bytes',
];
const SPENDING_MEANINGS: readonly CounterMeaning[] = ['live-blocks', 'live-bytes', 'spent-bytes', 'unspent-bytes'];
const takesBack = (meanings: readonly CounterMeaning[]): boolean => meanings.includes('used-bytes');
const COUNTS_WHAT_IS_LEFT: ReadonlySet<CounterMeaning> = new Set(['left-blocks', 'left-bytes', 'unspent-bytes']);

type Limits = Pick<Profile, 'capacityBytes' | 'guaranteedBlocks'>;
type Heap = Limits & Pick<Profile, 'reclaims' | 'mayGrow'>;

interface Step {
  readonly readings: Readonly<Record<string, number>>;
  readonly totals: Totals;
}

/** The counters that follow what is asked for. Where memory may grow, what is left of a heap says nothing. */
export function probeCounters(subject: ModuleSubject, { reclaims, mayGrow, ...limits }: Heap): CounterPromise[] {
  const names = candidatesOf(subject).filter((name) => isReadOnly(subject, fitted(SCRIPTS[1] ?? [], limits), name));
  const meaningsOf = (takesBack: boolean) =>
    (takesBack ? RECLAIMING_MEANINGS : SPENDING_MEANINGS).filter(
      (means) => !(mayGrow && COUNTS_WHAT_IS_LEFT.has(means)),
    );
  const freeing = { ...limits, ending: 'free' } as const;
  if (subject.detection.abi !== stackAbi.name) return countersOf(subject, names, meaningsOf(reclaims), freeing);
  const found = countersOf(subject, names, meaningsOf(true), { ...limits, ending: 'pop' });
  // A stack takes back what it pops, and may count what it ever gave all the same.
  const others = names.filter((name) => found.every(({ counter }) => counter !== name));
  return [...found, ...countersOf(subject, others, meaningsOf(false), freeing)];
}

/** Those who count calls count refused ones, too. */
const NAMES_CALLS = /call|request|attempt|tr(y|ies)|op(s|erations)?$/i;

/** Where one function gives all blocks, and nothing else may count as one. */
function countsGiven({ detection }: ModuleSubject, counter: string): boolean {
  const { abi, names } = detection;
  const givesInOneWay =
    [pairAbi.name, loneAllocAbi.name, stackAbi.name].includes(abi) &&
    names['realloc'] === undefined &&
    names['alloc_zeroed'] === undefined;
  return givesInOneWay && !NAMES_CALLS.test(counter);
}

/** How a script is carried out. A stack does not know of a free. */
type Manner = Limits & { readonly ending: 'free' | 'pop' };

/** Those of `names` that have one of `meanings`. */
function countersOf(
  subject: ModuleSubject,
  names: readonly string[],
  meanings: readonly CounterMeaning[],
  manner: Manner,
): CounterPromise[] {
  if (names.length === 0) return [];
  const runsOf = (scripts: typeof SCRIPTS) => scripts.map((sizes) => record(subject, sizes, names, manner) ?? []);
  const runs = { plain: runsOf(SCRIPTS), round: runsOf(ROUND_SCRIPTS) };
  const [peaks, plain] = [names.filter(isPeak), names.filter((name) => !isPeak(name))];
  const counters = plain.flatMap((counter) => {
    const wrong = takesBack(meanings) ? thatNeverFalls(counter, runs, manner) : [];
    if (wrong.length > 0) return wrong;
    const given = countsGiven(subject, counter) ? (['given-blocks'] as const) : [];
    return firstThatFits(
      [...meanings, ...given].map((means) => ({ counter, means })),
      runs,
    );
  });
  const followed = counters.filter(({ means }) => !COUNTS_WHAT_IS_LEFT.has(means)).map(({ counter }) => counter);
  const followers = peaks.flatMap((counter) =>
    firstThatFits(
      [...followed, ...Object.keys(LIVE)].map((of) => ({ counter, means: 'peak' as const, of })),
      runs,
    ),
  );
  return [...counters, ...followers];
}

/** What lives, by these names, is less when a block ends. A heap may still use what was freed; a stack does not use what was popped. */
const NAMES_WHAT_LIVES = { free: /live|in_?use|active|outstanding/i, pop: /live|in_?use|active|outstanding|used/i };

/** What a counter must mean by its name that counts every block and takes back none. */
function thatNeverFalls(counter: string, runs: Runs, { ending }: Manner): CounterPromise[] {
  const neverFalls = runs.plain.every((run) =>
    run.every(({ readings }, index) => {
      const before = run[index - 1]?.readings[counter] ?? Number.NEGATIVE_INFINITY;
      return (readings[counter] ?? 0) >= before;
    }),
  );
  if (!NAMES_WHAT_LIVES[ending].test(counter) || !neverFalls) return [];
  const fits = (means: CounterMeaning) => firstThatFits([{ counter, means }], runs).length > 0;
  if (fits('given-blocks')) return [{ counter, means: 'live-blocks' }];
  return fits('spent-bytes') ? [{ counter, means: 'used-bytes' }] : [];
}

const isPeak = (name: string): boolean => NAMES_A_PEAK.test(name);

/** What takes nothing and returns a number, and is no function of the allocator's. */
function candidatesOf(subject: ModuleSubject): string[] {
  const own = new Set(Object.values(subject.detection.names));
  const { module } = subject.instance.prepared;
  return module.exports
    .filter(({ kind, index }) => kind === 'function' && showType(functionTypeOf(module, index)) === GETTER)
    .map(({ name }) => name)
    .filter((name) => !own.has(name))
    .slice(0, MOST_CANDIDATES);
}

/** Whether reading `name` again and again changes neither what it says nor what the allocator answers. */
function isReadOnly(subject: ModuleSubject, sizes: readonly number[], name: string): boolean {
  const undisturbed = pointersOf(subject, sizes, () => true);
  const disturbed = pointersOf(subject, sizes, () => readsAlike(subject, name));
  return undisturbed !== undefined && undisturbed === disturbed;
}

function readsAlike(subject: ModuleSubject, name: string): boolean {
  const first = subject.counter(name);
  return subject.counter(name) === first;
}

/** The pointers that blocks of `sizes` get; undefined when `look`, called after each, once says no. */
function pointersOf(subject: ModuleSubject, sizes: readonly number[], look: () => boolean): string | undefined {
  return attempt(subject, undefined, () => {
    const pointers = sizes.map((sizeBytes) => {
      const pointer = subject.malloc(sizeBytes);
      return look() ? pointer : Number.NaN;
    });
    return pointers.includes(Number.NaN) ? undefined : pointers.join();
  });
}

/** `sizes`, those that no cell of a pool holds replaced by others. Never the largest: it is where defects are. */
function fitted(sizes: readonly number[], { capacityBytes, guaranteedBlocks }: Limits): readonly number[] {
  if (guaranteedBlocks === undefined) return sizes;
  const largestBytes = Math.max(1, capacityBytes - 1);
  return sizes.map((sizeBytes) => 1 + ((sizeBytes - 1) % largestBytes));
}

/**
 * What the counters say before the script and after each of its steps; undefined when a block is refused. A block is
 * freed first where a pool has no other left.
 */
function record(
  subject: ModuleSubject,
  sizes: readonly number[],
  names: readonly string[],
  manner: Manner,
): Step[] | undefined {
  const { guaranteedBlocks = Number.POSITIVE_INFINITY, ending } = manner;
  return attempt(subject, undefined, () => {
    const live: ProbeBlock[] = [];
    const steps: Step[] = [];
    let givenBlocks = 0;
    const note = () => void steps.push(stepOf(subject, live, givenBlocks, names));
    const drop = () => {
      end(subject, live, ending);
      note();
    };
    note();
    for (const [index, sizeBytes] of fitted(sizes, manner).entries()) {
      if (live.length >= guaranteedBlocks) drop();
      const block = begin(subject, sizeBytes, ending);
      if (block === undefined) return undefined;
      live.push(block);
      givenBlocks++;
      note();
      if (isFreedEarly(index)) drop();
    }
    while (live.length > 0) drop();
    return steps;
  });
}

/** A block, behind a mark of its own where it is to be popped. */
function begin(subject: ModuleSubject, sizeBytes: number, ending: Manner['ending']): ProbeBlock | undefined {
  if (ending === 'pop') subject.mark();
  return allocate(subject, sizeBytes);
}

/** Frees the block in the middle of `live`, or pops the last. */
function end(subject: ModuleSubject, live: ProbeBlock[], ending: Manner['ending']): void {
  const [block] = live.splice(ending === 'pop' ? -1 : Math.floor(live.length / 2), 1);
  if (ending === 'pop') subject.pop();
  else if (block !== undefined) release(subject, block);
}

function stepOf(
  subject: ModuleSubject,
  live: readonly ProbeBlock[],
  givenBlocks: number,
  names: readonly string[],
): Step {
  const readings = Object.fromEntries(names.map((name) => [name, subject.counter(name) ?? 0]));
  const liveBytes = live.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return {
    readings,
    totals: { liveBlocks: live.length, givenBlocks, emptyBlocks: 0, liveBytes, refusals: 0, reallocs: 0, pages: 0 },
  };
}

interface Runs {
  readonly plain: readonly (readonly Step[])[];
  readonly round: readonly (readonly Step[])[];
}

/**
 * The first of `promises` that nearly every run keeps; else the first that every round one does. In this order, for a
 * counter of what is used, rounded, is in round runs one of what was asked for. A peak that is always taken too early
 * is a peak still, and a wrong one.
 */
function firstThatFits(promises: readonly CounterPromise[], runs: Runs): CounterPromise[] {
  if (promises.some(({ counter }) => beginsLate(counter, runs))) return [];
  const isUsual = (fits: typeof isKept) => (promise: CounterPromise) =>
    runs.plain.filter((run) => fits(promise, run)).length >= SCRIPTS_THAT_FIT;
  const isRound = (promise: CounterPromise) => runs.round.every((run) => isKept(promise, run));
  const found = promises.find(isUsual(isKept)) ?? promises.find(isRound) ?? promises.find(isUsual(isLate));
  return found === undefined ? [] : [found];
}

/** More than any header. */
const LEAST_LEAP = 4096;

/** Whether the first request, which may as well be refused, sets the counter up: the top of a heap that is not there before. */
function beginsLate(counter: string, { plain }: Runs): boolean {
  return plain.some(([first, second]) => {
    const leap = Math.abs((second?.readings[counter] ?? 0) - (first?.readings[counter] ?? 0));
    return leap > LEAST_LEAP + (second?.totals.liveBytes ?? 0);
  });
}

function isKept(promise: CounterPromise, [first, ...steps]: readonly Step[]): boolean {
  if (first === undefined) return false;
  const ledger = new CounterLedger([promise]);
  ledger.restart(first.readings, first.totals.pages, true);
  return steps.every(({ readings, totals }) => ledger.wrong(readings, totals) === undefined);
}

/** Whether it is the peak of what was there before each request. */
function isLate({ counter, of = '' }: CounterPromise, steps: readonly Step[]): boolean {
  const follow = ({ readings, totals }: Step) => LIVE[of]?.(totals) ?? readings[of] ?? Number.NaN;
  let greatest = 0;
  if (steps.length === 0) return false;
  return steps.every(({ readings, totals }, index) => {
    const before = steps[index - 1];
    const isGiven = before !== undefined && totals.liveBlocks > before.totals.liveBlocks;
    if (isGiven) greatest = Math.max(greatest, follow(before));
    return readings[counter] === greatest;
  });
}
