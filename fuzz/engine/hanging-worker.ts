/** A worker for the test of the watchdog: its target spins forever on a trace that frees slot 13, and cannot be made under the name `unknown`. */
import { parentPort, workerData } from 'node:worker_threads';
import { ShapeMap } from '../model/shape.ts';
import { CODE } from '../trace/operation.ts';
import { type Trace, traceOf } from '../trace/trace.ts';
import type { CampaignTarget } from './campaign-target.ts';
import type { WorkerData, WorkerRequest } from './worker-protocol.ts';
import { workerSide } from './worker-side.ts';

function spinningTarget(name: string): CampaignTarget {
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
        while (trace[0] === CODE.free && trace[1] === 13) Math.imul(3, 5);
        return undefined;
      },
    }),
    generate: (random) => traceOf([{ kind: 'free', operands: [random.below(16)] }]),
    mutate: (_, trace) => trace,
    lastMutations: () => [],
  };
}

const answer = workerSide(workerData as WorkerData, ({ name }) => spinningTarget(name));
parentPort?.on('message', (request: WorkerRequest) => parentPort?.postMessage(answer(request)));
