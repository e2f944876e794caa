import type { Variant } from './interleave.ts';

/**
 * A loop of its own for an expression over `i` (counts up), `at` (a multiple of 8 below 8192) and the names of `scope`.
 *
 * In a loop shared by several expressions V8 would mix their feedback and inline none. Equal sources are compiled once and
 * share feedback as well, hence the number in each.
 */
export function compiledLoop(expression: string, scope: Readonly<Record<string, unknown>>): Variant['run'] {
  loops += 1;
  const body = `
    // Loop ${loops}.
    const { ${Object.keys(scope).join(', ')} } = scope;
    let last = 0;
    for (let i = 0; i < times; i += 1) {
      const at = (i & 1023) << 3;
      last = ${expression};
    }
    return typeof last === 'string' ? last.length : Number(last ?? 0);`;
  const run = new Function('scope', 'times', body);
  return (times) => run(scope, times);
}

let loops = 0;
