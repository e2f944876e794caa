/** A worker for the test of the watchdog: its target never comes back from a trace that frees slot 13, and cannot be made under the name `unknown`. */
import { parentPort, workerData } from 'node:worker_threads';
import { ShapeMap } from '../model/shape.ts';
import { CODE } from '../trace/operation.ts';
import { type Trace, traceOf } from '../trace/trace.ts';
import type { CampaignTarget } from './campaign-target.ts';
import type { WorkerData, WorkerRequest } from './worker-protocol.ts';
import { workerSide } from './worker-side.ts';

const NOBODY_WAKES = new Int32Array(new SharedArrayBuffer(4));

function hangingTarget(name: string): CampaignTarget {
  if (name === 'unknown') throw new Error('no such target');
  return {
    name,
    about: '',
    landmarkSizes: [],
    open: () => ({
      shapes: new ShapeMap(),
      operations: 0,
      answers: 0,
      run: (trace: Trace) => {
        // In naps, as a core that spins is missed by the other tests.
        while (trace[0] === CODE.free && trace[1] === 13) Atomics.wait(NOBODY_WAKES, 0, 0, 10);
        return undefined;
      },
    }),
    generate: (random) => traceOf([{ kind: 'free', operands: [random.below(16)] }]),
    mutate: (_, trace) => trace,
    lastMutations: () => [],
  };
}

const answer = workerSide(workerData as WorkerData, ({ name }) => hangingTarget(name));
parentPort?.on('message', (request: WorkerRequest) => parentPort?.postMessage(answer(request)));
