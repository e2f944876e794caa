/** The bump allocator's modules: under the Lua VM, and alone with one fault each. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { allocatorModule } from '../allocator-module.ts';
import type { Artifact } from '../artifact.ts';
import { BUMP_EXPORTS, luaModule } from '../lua-module.ts';
import { BUMP_FAULTS, type BumpFault } from './bump-faults.ts';

const SOURCE = join(import.meta.dirname, 'bump.zig');

/** The pool, the stack and the little data there is; fixed, as in the Lua module. */
const FAULT_MEMORY = { initial: 1024 * 1024, maximum: 1024 * 1024 };

/** The module name of a fault. */
export const bumpFaultModule = ({ fault }: BumpFault): string => `faults/lua-bump-${fault}`;

/** `bump.zig` with the fault's edits. Throws when a line to edit is not there exactly once. */
export function faultySource(fault: BumpFault): string {
  return fault.edits.reduce(
    (source, [from, to]) => {
      const count = source.split(from).length - 1;
      if (count === 1) return source.replace(from, () => to);
      throw new Error(
        `bump-faults.ts: fault ${fault.fault} looks for ${JSON.stringify(from)}, which is there ${count} times`,
      );
    },
    readFileSync(SOURCE, 'utf8'),
  );
}

function faultyModule(fault: BumpFault): Artifact {
  const name = `bump-${fault.fault}.zig`;
  const inputs = [SOURCE, join(import.meta.dirname, 'bump-faults.ts')];
  const root: Artifact = { name, inputs, derive: () => faultySource(fault) };
  return allocatorModule({ name: bumpFaultModule(fault), root, memoryBytes: FAULT_MEMORY, onDemand: true });
}

export const BUMP_MODULES: readonly Artifact[] = [
  luaModule({ name: 'lua-bump', allocator: 'bump', exports: BUMP_EXPORTS, mode: 'ReleaseSmall' }),
  luaModule({ name: 'lua-bump-safe', allocator: 'bump', exports: BUMP_EXPORTS, mode: 'ReleaseSafe' }),
  ...BUMP_FAULTS.map(faultyModule),
];
