/** Every safety of the bump allocator is missed by a law of the right name when it is gone; none is while it is there. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { judge, Lockstep } from '../../fuzz/lockstep.ts';
import { LuaPoolSubject } from '../../fuzz/subjects/lua-pool.ts';
import { parseTrace } from '../../fuzz/trace/text.ts';
import { ensureBuilt } from '../build.ts';
import { BUMP_FAULTS, type BumpFault } from './bump-faults.ts';
import { bumpFaultModule } from './bump-modules.ts';

const moduleOf = (name: string): WebAssembly.Module =>
  new WebAssembly.Module(readFileSync(join(import.meta.dirname, `../dist/${name}.wasm`)));

function brokenLaw(name: string, fault: BumpFault): string | undefined {
  const subject = new LuaPoolSubject(name, moduleOf(name), fault.face ?? 'c');
  return judge(new Lockstep(subject), parseTrace(fault.trace.join('\n')).trace)?.law;
}

beforeAll(() => ensureBuilt(['lua-bump', 'lua-bump-safe', ...BUMP_FAULTS.map(bumpFaultModule)]), 120_000);

describe.each(BUMP_FAULTS)('$fault: $about', (fault) => {
  test.runIf(fault.laws.length > 0)(`breaks ${fault.laws.join(' or ')}`, () => {
    expect(fault.laws).toContain(brokenLaw(bumpFaultModule(fault), fault));
  });

  test.each(['lua-bump', 'lua-bump-safe'])('%s does not', (name) => {
    expect(brokenLaw(name, fault)).toBeUndefined();
  });
});
