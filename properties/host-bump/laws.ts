/** The laws of HostBumpAllocator, one a file; the table the suite's own tests read. */

import { defaultRegionsAreDisjoint } from '../host-allocators/default-regions-are-disjoint.property.ts';
import type { HostLaw } from '../host-allocators/host-law.ts';
import { aFreshHeapChangesNothing } from './a-fresh-heap-changes-nothing.property.ts';
import { addressesReachPastTwoGigabytes } from './addresses-reach-past-two-gigabytes.property.ts';
import { agreesWithTheContract } from './agrees-with-the-contract.property.ts';
import { bytesSurviveTheirNeighbours } from './bytes-survive-their-neighbours.property.ts';
import { exhaustionIsReported } from './exhaustion-is-reported.property.ts';
import { freeChangesNothing } from './free-changes-nothing.property.ts';
import { growthIsProportionate } from './growth-is-proportionate.property.ts';
import { impossibleSizesAreRefused } from './impossible-sizes-are-refused.property.ts';
import { invalidRequestsAreRefused } from './invalid-requests-are-refused.property.ts';
import { operationsNeverTrap } from './operations-never-trap.property.ts';
import { pointersAreAligned } from './pointers-are-aligned.property.ts';
import { recordsMatchHistory } from './records-match-history.property.ts';
import { refusalsAreHonest } from './refusals-are-honest.property.ts';
import { regionsNeverOverlap } from './regions-never-overlap.property.ts';
import { regionsStayInBounds } from './regions-stay-in-bounds.property.ts';
import { resetStartsOver } from './reset-starts-over.property.ts';
import { statisticsMatchHistory } from './statistics-match-history.property.ts';
import { stringsGetBlocks } from './strings-get-blocks.property.ts';
import { zeroSizePolicyIsConstant } from './zero-size-policy-is-constant.property.ts';

export const HOST_BUMP_LAWS: readonly HostLaw[] = [
  aFreshHeapChangesNothing,
  addressesReachPastTwoGigabytes,
  agreesWithTheContract,
  bytesSurviveTheirNeighbours,
  exhaustionIsReported,
  freeChangesNothing,
  growthIsProportionate,
  impossibleSizesAreRefused,
  invalidRequestsAreRefused,
  operationsNeverTrap,
  pointersAreAligned,
  recordsMatchHistory,
  refusalsAreHonest,
  regionsNeverOverlap,
  regionsStayInBounds,
  resetStartsOver,
  statisticsMatchHistory,
  stringsGetBlocks,
  zeroSizePolicyIsConstant,
  defaultRegionsAreDisjoint,
];
