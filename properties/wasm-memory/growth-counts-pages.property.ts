/**
 * growth-counts-pages: `grow` answers the pages there were, `size` and `pages` follow whoever grew, old bytes stay, new
 * ones are zero, and a refused growth is a MemoryError that changes nothing.
 *
 * Not covered: growth by a fraction of a page, of which the contract says nothing.
 */
import fc from 'fast-check';
import { PAGE_BYTES } from '../arbitraries/borders.ts';
import {
  bytesOf,
  describeShape,
  firstDifference,
  type Growth,
  grow,
  growths,
  type MemoryShape,
  memoryShapes,
  type Stage,
  sizeOf,
  stageOf,
} from '../arbitraries/memory-shapes.ts';
import { answerTo, broken, type Claim, defineClaim } from '../claim.ts';
import { show, showAddress, showForeign } from '../show.ts';
import type { Implementation } from './implementation.ts';
import { type MemoryLaw, verify } from './memory-law.ts';

export const growthCountsPages: MemoryLaw = {
  id: 'growth-counts-pages',
  sentence: 'grow answers the pages there were, size and pages follow every growth, a refused growth changes nothing',
  claims: (subject) => [
    answersPrevious(subject),
    answersAfterMany(subject),
    followsEveryGrowth(subject),
    refusesHonestly(subject),
  ],
};

/** No memory has so many pages more; the last ones are no number of pages at all. */
const IMPOSSIBLE_PAGES = [
  65_536,
  65_537,
  2 ** 31,
  2 ** 32 - 1,
  2 ** 32,
  2 ** 32 + 1,
  -1,
  -65_536,
  Number.NaN,
  1 / 0,
  -1 / 0,
];

function answersPrevious(subject: Implementation): Claim {
  const check = (shape: MemoryShape, pages: number): void => {
    const stage = stageOf(subject, shape);
    const before = bytesOf(stage.raw);
    const request = `grow(${pages}) ${describeShape(shape)}`;
    const answer = answerTo(request, () => stage.memory.grow(pages));
    const pagesBefore = before.length / PAGE_BYTES;
    if (answer !== pagesBefore) broken({ request, answer: show(answer), allowed: `${pagesBefore}, the pages before` });
    const expected = new Uint8Array(before.length + pages * PAGE_BYTES);
    expected.set(before);
    judgeBytes(stage, request, expected);
  };
  return defineClaim('grow answers the pages there were', [memoryShapes(), fc.nat(2)], check);
}

/** 16 MiB: beyond it is nothing but more of the same, which takes longer to clear. */
const MOST_PAGES = 256;

/** Growth by any number of pages, by itself and after others. Only the borders of old pages and new are looked at. */
function answersAfterMany(subject: Implementation): Claim {
  const pages = fc.oneof({ withCrossShrink: true }, fc.nat(9), fc.nat(66), fc.constantFrom(16, 32, 64, 128));
  const lists = fc.array(pages, { minLength: 1, maxLength: 6 });
  const check = (initial: number, shared: boolean, list: readonly number[]): void => {
    const shape: MemoryShape = { pages: initial, shared, growths: [] };
    const raw = new WebAssembly.Memory({ initial, maximum: MOST_PAGES, shared });
    const stage: Stage = { subject, shape, raw, memory: subject.make(raw) };
    for (const [index, more] of list.entries()) {
      const before = list.slice(0, index);
      if (sizeOf(raw) / PAGE_BYTES + more <= MOST_PAGES) judgeGrowth(stage, more, before);
    }
  };
  const title = 'grow answers the pages there were, by however many it grows';
  return defineClaim(title, [fc.nat(3), fc.boolean(), lists], check);
}

function judgeGrowth(stage: Stage, pages: number, before: readonly number[]): void {
  const { raw, memory, shape } = stage;
  const pagesBefore = sizeOf(raw) / PAGE_BYTES;
  const after = before.length === 0 ? '' : ` after growth by ${before.join(', ')}`;
  const request = `grow(${pages})${after} ${describeShape(shape)}`;
  if (pagesBefore > 0) new Uint8Array(raw.buffer)[sizeOf(raw) - 1] = OLD_BYTE;
  const answer = answerTo(request, () => memory.grow(pages));
  if (answer !== pagesBefore) broken({ request, answer: show(answer), allowed: `${pagesBefore}, the pages before` });
  const wanted = `${pagesBefore + pages} pages`;
  const found = `${sizeOf(raw) / PAGE_BYTES} pages`;
  if (found !== wanted) broken({ request, answer: found, allowed: wanted });
  judgeSize(stage, ` after ${request}`);
  judgeSeam(request, new Uint8Array(raw.buffer), pagesBefore * PAGE_BYTES);
}

const OLD_BYTE = 0x9a;

/** The last of the old bytes, the first of the new ones and the last of all. */
function judgeSeam(request: string, bytes: Uint8Array, seam: number): void {
  const seen = [bytes[seam - 1] ?? OLD_BYTE, bytes[seam] ?? 0, seam < bytes.length ? bytes[bytes.length - 1] : 0];
  if (seen.join() === [OLD_BYTE, 0, 0].join()) return;
  const what = 'the last old byte, the first and the last new one';
  broken({
    request,
    answer: `${what} are ${seen.join(', ')}`,
    allowed: `${OLD_BYTE}, 0, 0: old bytes stay, new ones are zero`,
  });
}

function followsEveryGrowth(subject: Implementation): Claim {
  const check = (shape: MemoryShape, growth: Growth): void => {
    const stage = stageOf(subject, shape);
    judgeSize(stage, '');
    grow(stage, growth);
    judgeSize(stage, ` after ${growth.pages} more by the ${growth.by}`);
  };
  return defineClaim('size and pages follow every growth', [memoryShapes(), growths()], check);
}

function refusesHonestly(subject: Implementation): Claim {
  const check = (shape: MemoryShape, pages: number): void => {
    const stage = stageOf(subject, shape);
    const before = bytesOf(stage.raw);
    const request = `grow(${show(pages)}) ${describeShape(shape)}`;
    const answer = refusalOf(stage, pages);
    if (answer !== undefined) broken({ request, answer, allowed: 'MemoryError: memory cannot grow by so much' });
    judgeBytes(stage, request, before);
    judgeSize(stage, ` after the refused grow(${show(pages)})`);
    // One that works must still work: whatever was kept from before the refusal has to be sound.
    if (before.length > 0) answerTo(`writeI32(0, readI32(0)) after ${request}`, () => writeBack(stage));
  };
  const beyondMaximum = fc.constantFrom(11, 12, 100);
  const pages = fc.oneof(beyondMaximum, fc.constantFrom(...IMPOSSIBLE_PAGES));
  return defineClaim('a refused grow is a MemoryError and changes nothing', [memoryShapes(), pages], check);
}

function writeBack({ memory }: Stage): void {
  memory.writeI32(0, memory.readI32(0));
}

/** Undefined when the growth was refused with MemoryError, else what came instead. */
function refusalOf({ subject, memory }: Stage, pages: number): string | undefined {
  try {
    return show(memory.grow(pages));
  } catch (error) {
    return error instanceof subject.MemoryError ? undefined : showForeign(error);
  }
}

function judgeSize({ raw, memory, shape }: Stage, when: string): void {
  const expected = sizeOf(raw);
  const call = (name: string): string => `${name}()${when} ${describeShape(shape)}`;
  const [size, pages] = [memory.size(), memory.pages()];
  if (size !== expected) broken({ request: call('size'), answer: show(size), allowed: show(expected) });
  if (pages === expected / PAGE_BYTES) return;
  broken({ request: call('pages'), answer: show(pages), allowed: show(expected / PAGE_BYTES) });
}

function judgeBytes({ raw }: Stage, request: string, expected: Uint8Array): void {
  const answer = `${sizeOf(raw)} bytes of memory`;
  if (sizeOf(raw) !== expected.length) broken({ request, answer, allowed: `${expected.length} bytes of memory` });
  const changed = firstDifference(raw, expected);
  if (changed === undefined) return;
  broken({
    request,
    answer: `the byte at ${showAddress(changed)} changed`,
    allowed: 'old bytes stay, new ones are zero',
  });
}

if (import.meta.vitest) verify(growthCountsPages);
