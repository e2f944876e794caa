import { writeFileSync } from 'node:fs';
import { it } from 'vitest';
import { MEMORY_FAULTS } from './wasm-memory-faults.ts';
import { implementationOf } from './wasm-memory-sound-variants.ts';

it('x', () => {
  const out: Record<string, unknown> = {};
  for (const { name, law, type } of MEMORY_FAULTS) {
    const t = performance.now();
    for (const claim of law.claims(implementationOf(type))) {
      const r = claim.refute();
      if (r) {
        out[name] = [
          claim.title,
          String(r.error),
          JSON.stringify(r.counterexample, (_, v) => (typeof v === 'bigint' ? `${v}n` : v))?.slice(0, 300),
          performance.now() - t,
        ];
        break;
      }
    }
  }
  writeFileSync('/tmp/exp/caught.json', JSON.stringify(out, null, 1));
}, 200000);
