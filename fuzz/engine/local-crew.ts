/** A crew of one, in the caller's own thread: for tests, and for callers who cannot start threads. It has no watchdog. */
import type { CampaignTarget } from './campaign-target.ts';
import type { Assignment, Crew, Done, TargetReference } from './crew.ts';
import type { Job, ResultOf } from './jobs.ts';
import { Station } from './station.ts';
import { type Stop, Watch } from './watch.ts';

interface Place {
  readonly station: Station;
  known: number;
}

export class LocalCrew implements Crew {
  readonly size = 1;
  readonly #watch = new Watch();
  readonly #places = new Map<string, Place>();
  readonly #makeTarget: (reference: TargetReference) => CampaignTarget;

  constructor(makeTarget: (reference: TargetReference) => CampaignTarget) {
    this.#makeTarget = makeTarget;
  }

  async perform<SomeJob extends Job>({ target, corpus, job }: Assignment<SomeJob>): Promise<Done<SomeJob>> {
    await letOthersRun();
    const place = this.#placeAt(target);
    place.station.learn(corpus.slice(place.known));
    place.known = corpus.length;
    const { result, effort } = place.station.perform(job);
    return { result: result as ResultOf<SomeJob>, effort, hangs: [] };
  }

  stop(what: Stop): void {
    this.#watch.stop(what);
  }

  async close(): Promise<void> {}

  #placeAt(target: TargetReference): Place {
    const known = this.#places.get(target.name);
    if (known !== undefined) return known;
    const place = { station: new Station(this.#makeTarget(target), this.#watch), known: 0 };
    this.#places.set(target.name, place);
    return place;
  }
}

/** Timers and signals get their turn between two jobs. */
function letOthersRun(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
