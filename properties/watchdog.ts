/**
 * Ends a process that no longer comes to rest. Vitest's own limit is a timer of the thread that a test is busy in, so that a
 * loop without end in what is tested would show nothing, for ever.
 */
import { Worker } from 'node:worker_threads';

const BEAT = 0;
const LENGTH = 1;
const HEAD_WORDS = 2;
const MOST_TEXT_BYTES = 1000;

/** Looks once a second, from a thread of its own, at a beat that only an idle event loop gives. */
const PROGRAM = `
const { writeSync } = require('node:fs');
const { workerData: { buffer, seconds } } = require('node:worker_threads');
const words = new Int32Array(buffer, 0, ${HEAD_WORDS});
let [last, still] = [-1, 0];
setInterval(() => {
  const beat = Atomics.load(words, ${BEAT});
  still = beat === last ? still + 1 : 0;
  last = beat;
  if (still < seconds) return;
  const text = Buffer.from(buffer, ${HEAD_WORDS} * 4, Atomics.load(words, ${LENGTH})).toString();
  writeSync(2, text + ': has not returned for ' + seconds + ' s, expected an answer: look for a loop without end\\n');
  process.kill(process.pid, 'SIGKILL');
}, 1000);
`;

export class Watchdog {
  readonly #buffer = new SharedArrayBuffer(HEAD_WORDS * 4 + MOST_TEXT_BYTES);
  readonly #words = new Int32Array(this.#buffer, 0, HEAD_WORDS);

  /** From now on the process is killed when its event loop stands still for `seconds`. */
  constructor(seconds: number) {
    setInterval(() => Atomics.add(this.#words, BEAT, 1), 500).unref();
    new Worker(PROGRAM, { eval: true, execArgv: [], workerData: { buffer: this.#buffer, seconds } }).unref();
  }

  /** What the process is busy with, as it is told before the end. */
  watch(text: string): void {
    const bytes = Buffer.from(text).subarray(0, MOST_TEXT_BYTES);
    Buffer.from(this.#buffer, HEAD_WORDS * 4).set(bytes);
    Atomics.store(this.#words, LENGTH, bytes.length);
  }
}
