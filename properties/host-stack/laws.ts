/** The laws of HostStackAllocator, one a file; the table the suite's own tests read. */

import { defaultRegionsAreDisjoint } from '../host-allocators/default-regions-are-disjoint.property.ts';
import type { HostLaw } from '../host-allocators/host-law.ts';
import { addressesReachPastTwoGigabytes } from './addresses-reach-past-two-gigabytes.property.ts';
import { agreesWithTheContract } from './agrees-with-the-contract.property.ts';
import { bytesSurviveTheirNeighbours } from './bytes-survive-their-neighbours.property.ts';
import { exhaustionIsReported } from './exhaustion-is-reported.property.ts';
import { growthIsProportionate } from './growth-is-proportionate.property.ts';
import { impossibleSizesAreRefused } from './impossible-sizes-are-refused.property.ts';
import { invalidRequestsAreRefused } from './invalid-requests-are-refused.property.ts';
import { operationsNeverTrap } from './operations-never-trap.property.ts';
import { overflowIsExplained } from './overflow-is-explained.property.ts';
import { pointersAreAligned } from './pointers-are-aligned.property.ts';
import { popIsLastInFirstOut } from './pop-is-last-in-first-out.property.ts';
import { refusalsAreHonest } from './refusals-are-honest.property.ts';
import { regionsNeverOverlap } from './regions-never-overlap.property.ts';
import { regionsStayInBounds } from './regions-stay-in-bounds.property.ts';
import { resetStartsOver } from './reset-starts-over.property.ts';
import { statisticsMatchHistory } from './statistics-match-history.property.ts';
import { zeroSizePolicyIsConstant } from './zero-size-policy-is-constant.property.ts';

export const HOST_STACK_LAWS: readonly HostLaw[] = [
  addressesReachPastTwoGigabytes,
  agreesWithTheContract,
  bytesSurviveTheirNeighbours,
  exhaustionIsReported,
  growthIsProportionate,
  impossibleSizesAreRefused,
  invalidRequestsAreRefused,
  operationsNeverTrap,
  overflowIsExplained,
  pointersAreAligned,
  popIsLastInFirstOut,
  refusalsAreHonest,
  regionsNeverOverlap,
  regionsStayInBounds,
  resetStartsOver,
  statisticsMatchHistory,
  zeroSizePolicyIsConstant,
  defaultRegionsAreDisjoint,
];
