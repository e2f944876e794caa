/** The README says what is there: its tables match the laws, the scripts and the folders. */
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { LAWS } from '../../fuzz/laws.ts';
import { namesIn, textOf } from './source-files.ts';

const README = textOf('README.md');

/** The rows of the table under `heading` whose first cell is code, as [first cell, second cell]. */
function rowsAfter(heading: string): [string, string][] {
  const table =
    README.slice(README.indexOf(heading))
      .split('\n\n')
      .find((part) => part.startsWith('|')) ?? '';
  return [...table.matchAll(/^\| `([^`]+)` \| (.*?) \|$/gm)].map(([, first = '', second = '']) => [first, second]);
}

describe('README', () => {
  it('states every law in its own words', () => {
    expect(Object.fromEntries(rowsAfter('The laws, by the id'))).toEqual(LAWS);
  });

  it('names scripts that package.json has', () => {
    const { scripts }: { scripts: Record<string, string> } = JSON.parse(textOf('package.json'));
    const named = [...README.matchAll(/npm run ([a-z:]+)/g)].map(([, script = '']) => script);
    expect(named.filter((script) => !(script in scripts))).toEqual([]);
  });

  it('lists every folder of the project, and none that is gone', () => {
    const listed = rowsAfter('## Where things are').map(([folder]) => folder);
    expect(listed.filter((folder) => !existsSync(folder))).toEqual([]);
    const folders = ['src', 'wasm', 'properties', 'corpus', 'bench', 'tools', 'examples', 'docs'];
    const parts = namesIn('fuzz').filter((name) => !name.includes('.'));
    const wanted = [...folders, ...parts.map((part) => `fuzz/${part}`)].map((folder) => `${folder}/`);
    expect(wanted.filter((folder) => !listed.includes(folder))).toEqual([]);
  });

  it('links to files that are there', () => {
    const targets = [...README.matchAll(/\]\(([^)#:]+)\)/g)].map(([, target = '']) => target);
    expect(targets.filter((target) => !existsSync(target))).toEqual([]);
  });
});
