/** Allocators that grant nothing until a function of theirs was called: it is called first, and the user is told. */
import type { PreparedModule } from '../../wasm/prepare.ts';
import type { Detection } from '../abi/abi.ts';
import { ModuleSubject } from '../module-subject.ts';
import { allocate, attempt } from './attempt.ts';
import { candidatesIn, described, type Reading, readingsOf } from './heap-readings.ts';
import { roomForHeap } from './heap-region.ts';
import { heapYield } from './heap-yield.ts';
import { unknownProfile } from './unknown-profile.ts';

const SIZES_BYTES = [16, 1, 100];

interface Found {
  readonly prepared: PreparedModule;
  readonly detection: Detection;
}

/** A later reading is only right where it grants more than so many times what an earlier one does. */
const FAR_MORE = 2;

/** Both as they were, or with the function that has to be called first. Throws CannotInstantiate. */
export function withHeapInitialiser(prepared: PreparedModule, detection: Detection): Found {
  const candidates = candidatesIn(prepared);
  if (candidates.length === 0 || grants(prepared, detection)) return { prepared, detection };
  const room = candidates.some(({ parameters }) => parameters > 0) ? roomForHeap(prepared) : undefined;
  for (const candidate of candidates) {
    const best = bestOf(readingsOf(candidate, room), prepared, detection);
    if (best === undefined) continue;
    const why = [...detection.why, described(best)];
    return { prepared: { ...prepared, heapInitialiser: best.call }, detection: { ...detection, why } };
  }
  return { prepared, detection };
}

/** The first that helps, unless one leaves what it was told to use, or grants far less than another. */
function bestOf(readings: readonly Reading[], prepared: PreparedModule, detection: Detection): Reading | undefined {
  let best: Reading | undefined;
  let least = Number.NEGATIVE_INFINITY;
  for (const reading of readings) {
    const granted = grantedBy(reading, prepared, detection);
    if (granted === undefined || granted <= least) continue;
    best = reading;
    least = Math.max(granted, FAR_MORE * granted);
  }
  return best;
}

/** See `heapYield`; a call without parameters has no other reading, so that anything does. */
function grantedBy({ call, roomBytes }: Reading, prepared: PreparedModule, detection: Detection) {
  const ready = { ...prepared, heapInitialiser: call };
  if (call.values.length === 0) return grants(ready, detection) ? 0 : undefined;
  const subject = subjectOf(ready, detection);
  return heapYield(subject, call.region ?? { start: 1, end: subject.memoryBytes() }, roomBytes);
}

function grants(prepared: PreparedModule, detection: Detection): boolean {
  const subject = subjectOf(prepared, detection);
  return SIZES_BYTES.some((sizeBytes) => attempt(subject, false, () => allocate(subject, sizeBytes) !== undefined));
}

function subjectOf(prepared: PreparedModule, detection: Detection): ModuleSubject {
  return new ModuleSubject('probe', prepared, detection, unknownProfile(prepared));
}
