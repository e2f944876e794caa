/**
 * Every trace of the corpus, replayed: `<law> / <subject>/<file>`.
 *
 * Starters exercise something named; findings are what was once broken. Those under `generic/` run on every subject with
 * malloc. A file that cannot be read fails with its line and what was expected there.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readTrace, type StoredTrace } from '../fuzz/engine/corpus-store.ts';
import { Examiner } from '../fuzz/engine/examiner.ts';
import { Watch } from '../fuzz/engine/watch.ts';
import { isLawId, LAW_IDS } from '../fuzz/laws.ts';
import { violationBlock } from '../fuzz/report/violation-block.ts';
import { defaultSubjects, type SubjectTarget, targetFor } from '../fuzz/targets.ts';
import { ensureBuilt } from '../wasm/build.ts';

/** Traces that any subject with malloc can run. */
const GENERIC = 'generic';

/** What a subject's folder may hold, and what of it is traces. */
const FOLDERS = ['starters', 'findings'];

await ensureBuilt();

const home = fileURLToPath(new URL('.', import.meta.url));
const targets = new Map(defaultSubjects().map((name) => [name, targetFor({ name })]));
const examiners = new Map<SubjectTarget, Examiner>();

interface Filed {
  readonly folder: string;
  readonly file: string;
  readonly path: string;
}

const files = directoriesIn(home).flatMap((folder) => FOLDERS.flatMap((part) => filesIn(folder, part)));

for (const [law, filed] of byLaw()) {
  describe(law, () => {
    for (const { folder, file, path } of filed) {
      it(`${folder}/${file}`, () => {
        const stored = readTrace(path);
        expect(isLawId(stored.header['law'] ?? ''), lawExpected(stored)).toBe(true);
        for (const target of targetsOf(folder, path)) replay(stored, target);
      });
    }
  });
}

it('has a few dozen starters', () => {
  expect(files.length).toBeGreaterThan(36);
});

function replay(stored: StoredTrace, target: SubjectTarget): void {
  const violation = examinerOf(target).examine(stored.trace);
  if (violation === undefined) return;
  const evidence = { subject: target.name, trace: stored.trace, file: stored.path };
  const block = violationBlock(violation, { ...evidence, replay: `npm run fuzz -- ${target.name} ${stored.path}` });
  expect.fail(block);
}

/** One for all traces of a subject, as in a campaign: each trace begins in a heap that was just made. */
function examinerOf(target: SubjectTarget): Examiner {
  const examiner = examiners.get(target) ?? new Examiner(target, new Watch());
  examiners.set(target, examiner);
  return examiner;
}

/** The subjects a folder is for. */
function targetsOf(folder: string, path: string): SubjectTarget[] {
  if (folder === GENERIC) return [...targets.values()].filter(({ operations }) => operations.includes('malloc'));
  const target = targets.get(folder);
  if (target !== undefined) return [target];
  throw new Error(`${path}: no subject "${folder}", expected ${[...targets.keys(), GENERIC].join(', ')}`);
}

function lawExpected({ path, header }: StoredTrace): string {
  return `${path}:1: found law "${header['law'] ?? ''}", expected one of ${LAW_IDS.join(', ')}`;
}

/** Files by the law their header names. One that cannot be read stands apart, and says why when it is replayed. */
function byLaw(): ReadonlyMap<string, readonly Filed[]> {
  const groups = new Map<string, Filed[]>();
  for (const filed of files) {
    const law = lawOf(filed.path);
    groups.set(law, [...(groups.get(law) ?? []), filed]);
  }
  return groups;
}

function lawOf(path: string): string {
  try {
    return readTrace(path).header['law'] ?? 'no law';
  } catch {
    return 'unreadable';
  }
}

function directoriesIn(directory: string): string[] {
  const entries = readdirSync(directory, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

/** Every file: one that is no trace is broken, not overlooked. */
function filesIn(folder: string, part: string): Filed[] {
  const directory = join(home, folder, part);
  if (!existsSync(directory)) return [];
  return readdirSync(directory).map((name) => ({ folder, file: `${part}/${name}`, path: join(directory, name) }));
}
