/**
 * One campaign on one case, as the engine runs it: from an empty corpus, with a fixed seed, in this thread. Time only
 * says when to stop.
 */
import type { CorpusEntry } from '../../fuzz/engine/corpus.ts';
import type { Finding } from '../../fuzz/engine/finding.ts';
import type { LaneResult } from '../../fuzz/engine/jobs.ts';
import { Station } from '../../fuzz/engine/station.ts';
import { Watch } from '../../fuzz/engine/watch.ts';
import { DEFAULT_MAX_OPS } from '../../fuzz/options.ts';
import type { SubjectDefinition } from '../../fuzz/subjects/subject.ts';
import { targetOf } from '../../fuzz/targets.ts';

/** Traces between two looks at the clock. */
const LANE_RUNS = 64;
/** Lanes a corpus entry waits before others may build on it; a campaign's round has 32. */
const LANES = 4;

export interface Hunted {
  /** The smallest finding, as small as shrinking makes it; undefined when every law held. */
  readonly finding?: Finding;
  /** Traces run until the finding was seen, or in all. */
  readonly executions: number;
  readonly operations: number;
  /** Seconds until the finding was seen, the opening of the module and the probing of its profile included. */
  readonly seconds: number;
}

/** Looks for a violation for at most `seconds` from when the module is open and probed, and for one round at least. */
export function hunt(open: () => SubjectDefinition, seed: number, seconds: number): Hunted {
  const began = performance.now();
  const search = new Search(open(), seed);
  const deadlineMs = performance.now() + 1000 * seconds;
  do search.round();
  while (search.findings.length === 0 && performance.now() < deadlineMs);
  const elapsed = (performance.now() - began) / 1000;
  const { executions, operations } = search;
  const finding = search.smallest();
  return { ...(finding === undefined ? {} : { finding }), executions, operations, seconds: elapsed };
}

class Search {
  executions = 0;
  operations = 0;
  findings: readonly Finding[] = [];
  readonly #station: Station;
  readonly #seed: number;
  readonly #shapes = new Set<number>();
  #round = 0;

  constructor(definition: SubjectDefinition, seed: number) {
    this.#seed = seed;
    this.#station = new Station(targetOf(definition), new Watch());
  }

  /** Runs some lanes; stops at the first that finds something. */
  round(): void {
    const news: CorpusEntry[] = [];
    for (let lane = 0; lane < LANES && this.findings.length === 0; lane++) {
      const { kept, findings } = this.#lane(lane);
      this.findings = findings;
      news.push(...kept.filter((entry) => this.#isNew(entry)));
    }
    this.#station.learn(news);
    this.#round++;
  }

  /** The smallest finding, shrunk. */
  smallest(): Finding | undefined {
    const [smallest] = [...this.findings].sort((a, b) => a.trace.length - b.trace.length);
    if (smallest === undefined) return undefined;
    const { result } = this.#station.perform({ type: 'shrink', finding: smallest });
    return result.type === 'shrink' ? result.finding : smallest;
  }

  #lane(lane: number): LaneResult {
    const { result, effort } = this.#station.perform({
      type: 'lane',
      seed: this.#seed,
      round: this.#round,
      lane,
      runs: LANE_RUNS,
      maximumOperations: DEFAULT_MAX_OPS,
      known: new Map(),
    });
    this.executions += effort.executions;
    this.operations += effort.operations;
    if (result.type !== 'lane') throw new Error(`a lane was asked for and a ${result.type} came`);
    return result;
  }

  #isNew({ shapes }: CorpusEntry): boolean {
    const before = this.#shapes.size;
    for (const shape of shapes) this.#shapes.add(shape);
    return this.#shapes.size > before;
  }
}
