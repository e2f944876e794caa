/** Every law of the memory interface, by its file. A test of the suite holds this list against the folder. */
import { agreesWithTheVirtualMachine } from './agrees-with-the-virtual-machine.property.ts';
import { bordersAreExact } from './borders-are-exact.property.ts';
import { bytesAreWrittenWhole } from './bytes-are-written-whole.property.ts';
import { bytesReadAreCopies } from './bytes-read-are-copies.property.ts';
import { createdViewsAreWindows } from './created-views-are-windows.property.ts';
import { errorsCarryContext } from './errors-carry-context.property.ts';
import { growthCountsPages } from './growth-counts-pages.property.ts';
import { historiesMatchAByteArray } from './histories-match-a-byte-array.property.ts';
import { littleEndianRoundTrips } from './little-endian-round-trips.property.ts';
import { malformedTextIsRefused } from './malformed-text-is-refused.property.ts';
import type { MemoryLaw } from './memory-law.ts';
import { pointersReachPastTwoGigabytes } from './pointers-reach-past-two-gigabytes.property.ts';
import { refusedCallsChangeNothing } from './refused-calls-change-nothing.property.ts';
import { stringsAreUtf8 } from './strings-are-utf8.property.ts';
import { viewsFollowGrowth } from './views-follow-growth.property.ts';
import { writesTouchOnlyTheirBytes } from './writes-touch-only-their-bytes.property.ts';
import { writesWrapAndRound } from './writes-wrap-and-round.property.ts';

export const MEMORY_LAWS = [
  agreesWithTheVirtualMachine,
  bordersAreExact,
  bytesAreWrittenWhole,
  bytesReadAreCopies,
  createdViewsAreWindows,
  errorsCarryContext,
  growthCountsPages,
  historiesMatchAByteArray,
  littleEndianRoundTrips,
  malformedTextIsRefused,
  pointersReachPastTwoGigabytes,
  refusedCallsChangeNothing,
  stringsAreUtf8,
  viewsFollowGrowth,
  writesTouchOnlyTheirBytes,
  writesWrapAndRound,
] as const satisfies readonly MemoryLaw[];
