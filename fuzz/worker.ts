/** What a worker thread of the campaign runs. */
import { parentPort, workerData } from 'node:worker_threads';
import type { WorkerData, WorkerRequest } from './engine/worker-protocol.ts';
import { workerSide } from './engine/worker-side.ts';
import { targetFor } from './targets.ts';

const answer = workerSide(workerData as WorkerData, targetFor);
parentPort?.on('message', (request: WorkerRequest) => parentPort?.postMessage(answer(request)));
