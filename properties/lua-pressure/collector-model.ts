/**
 * What a program of `collector-programs.ts` prints, by §2.5 of the Lua 5.3 manual and by nothing of Lua's code:
 *
 * - an object lives while a root reaches it, through links and through ephemerons whose key lives;
 * - what does not, and has a finalizer that has not run, is finalized, the one marked last first, and lives, with all it
 *   reaches, until the next cycle;
 * - from weak values it is removed before its finalizer runs, from weak keys in the cycle after.
 */
import type { CollectorStep, ObjectKind, WeakMode } from './collector-programs.ts';

interface Thing {
  readonly number: number;
  readonly kind: ObjectKind;
  readonly root: number;
  link: Thing | undefined;
  finalizerIsDue: boolean;
}

type Weak = Map<Thing, Thing>;

/** LUAI_GCPAUSE and LUAI_GCMUL of Lua 5.3. */
const DEFAULT_PERCENT = 200;

const MODES: readonly WeakMode[] = ['k', 'v', 'kv'];

export class CollectorModel {
  readonly #roots: (Thing | undefined)[] = [undefined, undefined, undefined, undefined];
  readonly #weak: Readonly<Record<WeakMode, Weak>> = { k: new Map(), v: new Map(), kv: new Map() };
  readonly #percents = { setpause: DEFAULT_PERCENT, setstepmul: DEFAULT_PERCENT };
  readonly #lines: string[] = [];
  /** Those whose finalizer is due, in the order they were marked. */
  #due: Thing[] = [];
  #made = 0;

  /** Everything the program of `steps` prints. */
  static output(steps: readonly CollectorStep[]): string {
    const model = new CollectorModel();
    for (const step of steps) model.#take(step);
    model.#collect();
    return `${model.#lines.join('\n')}\n`;
  }

  #take(step: CollectorStep): void {
    switch (step.kind) {
      case 'make':
        return this.#make(step.root, step.object);
      case 'collect':
        return this.#collect();
      case 'tune':
        this.#lines.push(String(this.#percents[step.option]));
        this.#percents[step.option] = step.percent;
        return;
      case 'restart':
        this.#lines.push('false\ttrue\tfalse\ttrue');
        return;
      default:
        return this.#assign(step);
    }
  }

  #make(root: number, kind: ObjectKind): void {
    this.#made += 1;
    const thing = { number: this.#made, kind, root, link: undefined, finalizerIsDue: kind !== 'plain' };
    this.#roots[root] = thing;
    if (thing.finalizerIsDue) this.#due.push(thing);
  }

  #assign(step: Extract<CollectorStep, { kind: 'link' | 'copy' | 'drop' | 'weak' }>): void {
    const from = this.#roots[step.root];
    const to = step.kind === 'drop' ? undefined : this.#roots[step.to];
    if (step.kind === 'drop' || step.kind === 'copy') this.#roots[step.root] = to;
    else if (step.kind === 'link' && from !== undefined) from.link = to;
    else if (step.kind === 'weak' && from !== undefined && to !== undefined) this.#weak[step.mode].set(from, to);
  }

  #collect(): void {
    const live = this.#reach(new Set(), this.#roots);
    for (const mode of ['v', 'kv'] as const) remove(this.#weak[mode], (_, value) => !live.has(value));
    const finalized = this.#due.filter((thing) => !live.has(thing)).reverse();
    this.#due = this.#due.filter((thing) => live.has(thing));
    this.#reach(live, finalized);
    for (const mode of ['k', 'kv'] as const) remove(this.#weak[mode], (key) => !live.has(key));
    for (const thing of finalized) this.#finalize(thing);
    this.#report(finalized);
  }

  #finalize(thing: Thing): void {
    thing.finalizerIsDue = false;
    if (thing.kind === 'revived') this.#roots[thing.root] = thing;
  }

  /** Adds to `live` all that `starts` reach; the keys of table v are strong, and so are the values of k whose key lives. */
  #reach(live: Set<Thing>, starts: readonly (Thing | undefined)[]): Set<Thing> {
    const waiting = [...starts, ...this.#weak.v.keys()];
    for (let grown = true; grown; ) {
      for (let thing = waiting.pop(); waiting.length > 0 || thing !== undefined; thing = waiting.pop()) {
        if (thing === undefined || live.has(thing)) continue;
        live.add(thing);
        waiting.push(thing.link);
      }
      const values = [...this.#weak.k].filter(([key, value]) => live.has(key) && !live.has(value));
      grown = values.length > 0;
      waiting.push(...values.map(([, value]) => value));
    }
    return live;
  }

  #report(finalized: readonly Thing[]): void {
    const list = (things: readonly (Thing | undefined)[]): string =>
      things.map((thing) => thing?.number ?? '-').join(' ');
    this.#lines.push(`finalized ${list(finalized)}`, `roots ${list(this.#roots)}`);
    this.#lines.push(MODES.map((mode) => `${mode} ${contents(this.#weak[mode])}`).join('\t'));
  }
}

function remove(weak: Weak, isGone: (key: Thing, value: Thing) => boolean): void {
  for (const [key, value] of weak) if (isGone(key, value)) weak.delete(key);
}

/** Sorted as text, as `table.sort` does. */
const contents = (weak: Weak): string =>
  [...weak]
    .map(([key, value]) => `${key.number}=${value.number}`)
    .sort()
    .join(' ');
