/** What an AssemblyScript runtime does with objects that nobody ever held: what it does of its own, and so must do with others. */
import type { PreparedModule } from '../../wasm/prepare.ts';
import { type Callable, type Detection, optional, required, unsigned } from '../abi/abi.ts';
import { ARRAY_BUFFER_ID } from '../abi/assemblyscript.ts';
import { ModuleSubject } from '../module-subject.ts';
import { attempt } from './attempt.ts';
import { reclaimingShare } from './reuse.ts';
import { unknownProfile } from './unknown-profile.ts';

/** Fuel for a call: a probe has few objects. */
const CALL_FUEL = 2 ** 24;
/** And a byte, for those that clear memory byte by byte. */
const FUEL_PER_BYTE = 4;

/** Objects that are never pinned, so that the next collection takes them back; freeing one is a collection. */
class UnheldSubject extends ModuleSubject {
  constructor(prepared: PreparedModule, detection: Detection) {
    super('probe', prepared, detection, unknownProfile(prepared));
  }

  override malloc(sizeBytes: number): number {
    this.instance.refuel(CALL_FUEL + FUEL_PER_BYTE * sizeBytes);
    return unsigned(this.#functionOf('new')?.(sizeBytes, ARRAY_BUFFER_ID));
  }

  override free(): void {
    this.instance.refuel(CALL_FUEL);
    this.#functionOf('collect')?.();
  }

  #functionOf(role: string): Callable | undefined {
    return optional(this.detection.names, role, this.access());
  }
}

/**
 * Whether the collector takes back what was never pinned, by the share of patterns in which that is used again (see
 * `reclaimingShare`). Where nothing comes back that was pinned and unpinned, unpinning is what fails.
 */
export function unheldShare(prepared: PreparedModule, detection: Detection, capacityBytes: number): number {
  if (detection.names['collect'] === undefined) return 0;
  return reclaimingShare(new UnheldSubject(prepared, detection), capacityBytes);
}

/** As many objects fill memory up to its cap, or more where none is so large. */
const OBJECTS_IN_MEMORY = 64;

/** Whether memory is handed out twice though nobody called the collector: it runs by itself, be it where memory is short. */
export function collectsByItself(subject: ModuleSubject, capacityBytes: number, arenaBytes: number): boolean {
  const sizeBytes = Math.max(1, Math.min(capacityBytes, Math.floor(arenaBytes / OBJECTS_IN_MEMORY)));
  return attempt(subject, false, () => {
    const make = subject.access().functionOf(required(subject.detection.names, 'new'));
    const seen = new Set<number>();
    while (seen.size * sizeBytes <= arenaBytes) {
      subject.instance.refuel(CALL_FUEL + FUEL_PER_BYTE * sizeBytes);
      const pointer = unsigned(make(sizeBytes, ARRAY_BUFFER_ID));
      if (seen.has(pointer)) return true;
      seen.add(pointer);
    }
    return false;
  });
}
