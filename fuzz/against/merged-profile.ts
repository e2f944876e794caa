/** What two allocators both can do, so that one trace is legal for both. */
import type { Profile } from '../model/profile.ts';

/** The operations both have and the smaller of their bounds. */
export function mergedProfile(left: Profile, right: Profile): Profile {
  const both = (name: 'reclaims' | 'coalesces' | 'mayGrow' | 'shrinkingNeverFails' | 'shrinkingKeepsThePointer') =>
    left[name] && right[name];
  const { exact: _, ...promises } = left;
  return {
    ...promises,
    operations: left.operations.filter((kind) => right.operations.includes(kind)),
    alignmentBytes: Math.min(left.alignmentBytes, right.alignmentBytes),
    maximumAlignmentBytes: Math.min(left.maximumAlignmentBytes, right.maximumAlignmentBytes),
    leastAlignmentBytes: Math.max(left.leastAlignmentBytes ?? 1, right.leastAlignmentBytes ?? 1),
    arenaStart: 0,
    arenaEnd: Math.min(left.arenaEnd - left.arenaStart, right.arenaEnd - right.arenaStart),
    capacityBytes: Math.min(left.capacityBytes, right.capacityBytes),
    zeroRealloc:
      left.zeroRealloc === 'unspecified' || right.zeroRealloc === 'unspecified' ? 'unspecified' : left.zeroRealloc,
    mayGrow: both('mayGrow'),
    reclaims: both('reclaims'),
    coalesces: both('coalesces'),
    shrinkingNeverFails: both('shrinkingNeverFails'),
    shrinkingKeepsThePointer: both('shrinkingKeepsThePointer'),
  };
}

/** What the two promise differently, a line each: `zeroMalloc: null against block`. */
export function promisesApart(left: Profile, right: Profile): string[] {
  const shown = (value: unknown): string => (Array.isArray(value) ? value.join(', ') : String(value));
  return COMPARED.flatMap((name) => {
    const [one, other] = [shown(left[name]), shown(right[name])];
    return one === other ? [] : [`${name}: ${one} against ${other}`];
  });
}

const COMPARED: readonly (keyof Profile)[] = [
  'operations',
  'alignmentBytes',
  'maximumAlignmentBytes',
  'zeroMalloc',
  'zeroRealloc',
  'shrinkingNeverFails',
  'mayGrow',
  'growthSlackPages',
  'reclaims',
  'coalesces',
  'capacityBytes',
];
