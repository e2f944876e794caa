/** official-tests-pass: language and libraries are PUC-Rio's, by the tests that PUC-Rio holds its own Lua to. */
import { expect, it } from 'vitest';
import { newMachine } from './machine.ts';
import { officialTests } from './official-tests.ts';

const TESTS = officialTests();

it('the official tests are there', () => {
  expect(TESTS.length).toBeGreaterThan(290);
  expect(new Set(TESTS.map(({ file }) => file)).size).toBeGreaterThan(17);
});

/** Looks at a chunk made of a string, as fengari's is. */
const OF_A_STRING = 'db: getinfo, ...line...';

// The heap that reclaims: some sections make tables of a hundred thousand entries.
it.each(TESTS)('$file: $section', ({ file, section, source }) => {
  const { lua } = newMachine('lua-reclaiming');
  lua.run('_soft = true'); // PUC-Rio's own word for sizes that leave the machine to others.
  lua.run(source, section === OF_A_STRING ? '=[string "db"]' : `@${file}`);
});
