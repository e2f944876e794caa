/**
 * Every wasm module the project builds, one a line. `ensureBuilt` in build.ts makes those that are missing or stale;
 * modules marked `onDemand` only when they are named.
 */
import { BUMP_MODULES } from './allocators/bump-modules.ts';
import { RECLAIMING_MODULES } from './allocators/reclaiming-modules.ts';
import type { Artifact } from './artifact.ts';
import { EXAMPLE_MODULES } from './example-modules.ts';
import { ZOO_MODULES } from './zoo/modules.ts';

export const MODULES: readonly Artifact[] = [
  ...BUMP_MODULES,
  ...RECLAIMING_MODULES,
  ...ZOO_MODULES,
  ...EXAMPLE_MODULES,
];
