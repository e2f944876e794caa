/** The worker's side of the protocol: makes targets as they are asked for and does one job after another. */
import type { CampaignTarget } from './campaign-target.ts';
import type { TargetReference } from './crew.ts';
import { Station } from './station.ts';
import { Watch } from './watch.ts';
import type { WorkerData, WorkerReply, WorkerRequest } from './worker-protocol.ts';

/** Answers requests. `makeTarget` is called once for each target that is asked for. */
export function workerSide(
  data: WorkerData,
  makeTarget: (reference: TargetReference) => CampaignTarget,
): (request: WorkerRequest) => WorkerReply {
  const watch = new Watch(data.buffer);
  const stations = new Map<string, Station>();
  const stationAt = (reference: TargetReference): Station => {
    const station = stations.get(reference.name) ?? new Station(makeTarget(reference), watch);
    stations.set(reference.name, station);
    return station;
  };
  return (request) => {
    try {
      const station = stationAt(request.target);
      station.learn(request.news);
      return { done: station.perform(request.job, request.skipped) };
    } catch (error) {
      return { failed: error instanceof Error ? (error.stack ?? error.message) : String(error) };
    }
  };
}
