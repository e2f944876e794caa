/** The profile of a module before anything is known of it. */
import { NO_PROMISES, type Profile } from '../../model/profile.ts';
import type { PreparedModule } from '../../wasm/prepare.ts';
import { PAGE_BYTES } from './capacity.ts';

/** Promises nothing at all. */
export function unknownProfile(prepared: PreparedModule): Profile {
  return {
    operations: [],
    alignmentBytes: 8,
    maximumAlignmentBytes: 16,
    arenaStart: 1,
    arenaEnd: prepared.capPages * PAGE_BYTES,
    ...NO_PROMISES,
    mayGrow: true,
  };
}
