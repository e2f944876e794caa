/**
 * A crew of worker threads under a watchdog.
 *
 * A worker whose beat stands still for the time limit is ended. The trace it was busy with is reported as one that
 * does not end, and the job is done over with that execution left out: what it brings is otherwise the same.
 */
import { Worker } from 'node:worker_threads';
import type { Trace } from '../trace/trace.ts';
import type { Assignment, Crew, Done } from './crew.ts';
import type { Job, ResultOf } from './jobs.ts';
import { type Stop, Watch } from './watch.ts';
import type { WorkerReply, WorkerRequest } from './worker-protocol.ts';

/** How often the watchdog looks. A limit of a second is then kept to within a quarter. */
const LOOK_EVERY_MS = 250;

/** Seconds a thread may take to begin its first job: it loads the program and may compile a module. */
const START_SECONDS = 120;

export interface ThreadCrewOptions {
  readonly workers: number;
  /** Seconds a single trace may take. */
  readonly timeoutSeconds: number;
  /** The JavaScript that a worker begins with; it loads a module that answers with `workerSide`. */
  readonly program: string;
}

interface Order {
  readonly assignment: Assignment;
  readonly skipped: number[];
  readonly hangs: Trace[];
  readonly resolve: (done: Done) => void;
  readonly reject: (error: Error) => void;
}

export class ThreadCrew implements Crew {
  readonly size: number;
  readonly #hands: Hand[];
  readonly #waiting: Order[] = [];
  readonly #watchdog: NodeJS.Timeout;

  constructor(options: ThreadCrewOptions) {
    this.size = options.workers;
    this.#hands = Array.from({ length: options.workers }, () => new Hand(options, () => this.#assign()));
    // Threads load the program, which takes a second, while the caller is still looking at its subjects.
    for (const hand of this.#hands) hand.warmUp();
    this.#watchdog = setInterval(() => this.#look(), LOOK_EVERY_MS);
    this.#watchdog.unref();
  }

  perform<SomeJob extends Job>(assignment: Assignment<SomeJob>): Promise<Done<SomeJob>> {
    return new Promise((resolve, reject) => {
      const done = ({ result, ...rest }: Done): void => resolve({ result: result as ResultOf<SomeJob>, ...rest });
      this.#waiting.push({ assignment, skipped: [], hangs: [], resolve: done, reject });
      this.#assign();
    });
  }

  stop(what: Stop): void {
    for (const hand of this.#hands) hand.watch.stop(what);
  }

  async close(): Promise<void> {
    clearInterval(this.#watchdog);
    await Promise.all(this.#hands.map((hand) => hand.end()));
  }

  #assign(): void {
    for (const hand of this.#hands) {
      if (!hand.idle) continue;
      const order = this.#waiting.shift();
      if (order === undefined) return;
      hand.take(order);
    }
  }

  #look(): void {
    for (const hand of this.#hands) hand.look();
  }
}

/** One worker, and the thread that does its work now. */
class Hand {
  readonly watch = new Watch();
  readonly #options: ThreadCrewOptions;
  readonly #onIdle: () => void;
  #thread: Worker | undefined;
  /** Corpus entries the thread was told of, by target. */
  #told = new Map<string, number>();
  #order: Order | undefined;
  #firstBeat = 0;
  #lastBeat = 0;
  #lastBeatMs = 0;

  constructor(options: ThreadCrewOptions, onIdle: () => void) {
    this.#options = options;
    this.#onIdle = onIdle;
  }

  get idle(): boolean {
    return this.#order === undefined;
  }

  /** Starts the thread before there is anything to do. */
  warmUp(): void {
    this.#thread ??= this.#start();
  }

  take(order: Order): void {
    this.#order = order;
    this.#firstBeat = this.watch.beat;
    this.#lastBeat = this.#firstBeat;
    this.#lastBeatMs = performance.now();
    const { target, corpus, job } = order.assignment;
    const told = this.#told.get(target.name) ?? 0;
    this.#told.set(target.name, corpus.length);
    const request: WorkerRequest = { target, news: corpus.slice(told), job, skipped: order.skipped };
    this.#thread ??= this.#start();
    this.#thread.postMessage(request);
  }

  /** Ends a thread that stands still and gives its job to a new one. */
  look(): void {
    const { watch } = this;
    if (this.#order === undefined || watch.beat !== this.#lastBeat) {
      this.#lastBeat = watch.beat;
      this.#lastBeatMs = performance.now();
    } else if (performance.now() - this.#lastBeatMs > this.#patienceMs()) {
      this.#replace(this.#order);
    }
  }

  async end(): Promise<void> {
    await this.#drop();
  }

  #patienceMs(): number {
    const { timeoutSeconds } = this.#options;
    const begun = this.#lastBeat !== this.#firstBeat;
    return 1000 * (begun ? timeoutSeconds : Math.max(timeoutSeconds, START_SECONDS));
  }

  #replace(order: Order): void {
    const { execution, trace } = this.watch.underWay();
    const begun = this.#lastBeat !== this.#firstBeat;
    void this.#drop();
    if (!begun || execution < 0) return this.#fail(new Error(`${order.assignment.target.name} did not start in time`));
    order.skipped.push(execution);
    order.hangs.push(trace);
    this.take(order);
  }

  /** Ends the thread, if there is one. The next job starts another. */
  async #drop(): Promise<void> {
    const thread = this.#thread;
    this.#thread = undefined;
    this.#told = new Map();
    thread?.removeAllListeners();
    await thread?.terminate();
  }

  #start(): Worker {
    const workerData = { buffer: this.watch.buffer };
    const thread = new Worker(this.#options.program, { eval: true, workerData });
    thread.on('message', (reply: WorkerReply) => this.#finish(reply));
    thread.on('error', (error: Error) => {
      void this.#drop();
      this.#fail(error);
    });
    return thread;
  }

  #finish(reply: WorkerReply): void {
    if ('failed' in reply) return this.#fail(new Error(reply.failed));
    const order = this.#order;
    this.#order = undefined;
    order?.resolve({ result: reply.done.result, effort: reply.done.effort, hangs: order.hangs });
    this.#onIdle();
  }

  #fail(error: Error): void {
    const order = this.#order;
    this.#order = undefined;
    order?.reject(error);
    this.#onIdle();
  }
}
