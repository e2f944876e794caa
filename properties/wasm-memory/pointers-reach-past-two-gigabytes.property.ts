/**
 * pointers-reach-past-two-gigabytes: addresses from 2^31 up are as good as any other, up to the last byte of memory.
 *
 * One memory of 32,769 pages, 2 GiB and a page, shared by all runs; its pages are only reserved until they are touched.
 * The machine's own loads and stores are the oracle for numbers. Bytes and strings are put and seen through a raw view.
 */
import fc from 'fast-check';
import { near, PAGE_BYTES } from '../arbitraries/borders.ts';
import { answerTo, broken, type Claim, defineClaim } from '../claim.ts';
import { show, showAddress } from '../show.ts';
import type { Implementation, MemoryInterface } from './implementation.ts';
import { type MemoryLaw, verify } from './memory-law.ts';
import { METHODS, type Method } from './methods.ts';
import { attempt, describeOutcome, fits, type Outcome } from './requests.ts';

export const pointersReachPastTwoGigabytes: MemoryLaw = {
  id: 'pointers-reach-past-two-gigabytes',
  sentence: 'addresses from 2^31 up are as good as any other, up to the last byte of memory',
  claims: (subject) => [...METHODS.map((method) => sameAsBelow(subject, method)), countsPages(subject)],
};

const SIZE_BYTES = 2 ** 31 + PAGE_BYTES;

/** Bytes on either side of the range that are compared. */
const MARGIN_BYTES = 32;

/** A range beyond 2^31, one in small memory with the same bytes: the same call must do the same to both. */
function sameAsBelow(subject: Implementation, method: Method): Claim {
  const check = (ptr: number, length: number): void => {
    const lengthBytes = method.lengthSource === 'width' ? method.widthBytes : length;
    judge(subject, method, ptr, lengthBytes);
  };
  const places = fc.oneof(
    near(2 ** 31, 40),
    near(SIZE_BYTES - 20, 20),
    fc.integer({ min: 2 ** 31, max: SIZE_BYTES - 64 }),
  );
  return defineClaim(`${method.name} works past two gigabytes`, [places, fc.nat(24)], check, { runs: 60 });
}

function judge(subject: Implementation, method: Method, ptr: number, lengthBytes: number): void {
  const isInside = fits({ ptr, lengthBytes }, SIZE_BYTES);
  const [large, small] = [largeMemory(), smallMemory()];
  const [largeWindow, smallWindow] = [windowOf(large, ptr), windowOf(small, MARGIN_BYTES)];
  smallWindow.fill(0x41).set([0x42, 0x43, 0x7a, 0x21], MARGIN_BYTES);
  largeWindow.set(smallWindow.subarray(0, largeWindow.length));
  const outcome = call(subject, large, method, ptr, lengthBytes);
  const expected = call(subject, small, method, MARGIN_BYTES, lengthBytes);
  const request = `${method.name}(${showAddress(ptr)}, ${lengthBytes} bytes) on 32769 pages (${SIZE_BYTES} bytes)`;
  if (!isInside) return judgeRefusal(request, outcome);
  if (describeAnswer(outcome) !== describeAnswer(expected)) {
    broken({ request, answer: describeAnswer(outcome), allowed: describeAnswer(expected) });
  }
  const expectedWindow = smallWindow.subarray(0, largeWindow.length);
  if (Buffer.compare(largeWindow, expectedWindow) === 0) return;
  const around = (window: Uint8Array): string => show(window.slice(MARGIN_BYTES - 4, MARGIN_BYTES + 20));
  broken({ request, answer: `memory has ${around(largeWindow)}`, allowed: `memory has ${around(expectedWindow)}` });
}

/** Page counts on both sides of 2 GiB and of 4 GiB, as memory is made and as it has grown to them. */
function countsPages(subject: Implementation): Claim {
  const check = (): void => {
    for (const pages of [32_767, 65_535]) {
      const raw = reserved(pages, pages + 1);
      if (raw === undefined || reserved(pages + 1, pages + 1) === undefined) continue;
      const memory = subject.make(raw);
      judgeCounts(memory, pages, `of ${pages} pages`);
      const request = `grow(1) of ${pages} pages`;
      const answer = answerTo(request, () => memory.grow(1));
      if (answer !== pages) broken({ request, answer: show(answer), allowed: `${pages}, the pages before` });
      judgeCounts(memory, pages + 1, `after ${request}`);
      judgeCounts(subject.make(raw), pages + 1, `of ${pages + 1} pages`);
    }
    judgeCounts(interfaceOf(subject, largeMemory()), 32_769, 'of 32769 pages');
  };
  return defineClaim('size and pages count past two gigabytes', [], check);
}

function judgeCounts(memory: MemoryInterface, pages: number, when: string): void {
  const counts = [['size()', memory.size(), pages * PAGE_BYTES] as const, ['pages()', memory.pages(), pages] as const];
  for (const [call, answer, wanted] of counts)
    if (answer !== wanted) broken({ request: `${call} ${when}`, answer: show(answer), allowed: show(wanted) });
}

/** Undefined where the machine has not so many addresses left to reserve. */
function reserved(initial: number, maximum: number): WebAssembly.Memory | undefined {
  try {
    return new WebAssembly.Memory({ initial, maximum });
  } catch {
    return undefined;
  }
}

function judgeRefusal(request: string, outcome: Outcome): void {
  if (outcome.kind === 'refused') return;
  broken({ request, answer: describeOutcome(outcome), allowed: 'MemoryError: the range ends past memory' });
}

function describeAnswer(outcome: Outcome): string {
  const answer = outcome.kind === 'answered' ? outcome.answer : undefined;
  return ArrayBuffer.isView(answer) ? show(answer) : describeOutcome(outcome);
}

function call(
  subject: Implementation,
  raw: WebAssembly.Memory,
  method: Method,
  ptr: number,
  lengthBytes: number,
): Outcome {
  return attempt({ subject, memory: interfaceOf(subject, raw) }, method, { ptr, lengthBytes });
}

function windowOf(raw: WebAssembly.Memory, ptr: number): Uint8Array {
  const start = ptr - MARGIN_BYTES;
  const lengthBytes = Math.min(3 * MARGIN_BYTES, raw.buffer.byteLength - start);
  return new Uint8Array(raw.buffer, start, lengthBytes);
}

const interfaces = new WeakMap<Implementation, Map<WebAssembly.Memory, MemoryInterface>>();

function interfaceOf(subject: Implementation, raw: WebAssembly.Memory): MemoryInterface {
  const known = interfaces.get(subject) ?? new Map<WebAssembly.Memory, MemoryInterface>();
  interfaces.set(subject, known);
  const memory = known.get(raw) ?? subject.make(raw);
  known.set(raw, memory);
  return memory;
}

const memories: { large?: WebAssembly.Memory; small?: WebAssembly.Memory } = {};

function largeMemory(): WebAssembly.Memory {
  memories.large ??= new WebAssembly.Memory({ initial: SIZE_BYTES / PAGE_BYTES });
  return memories.large;
}

function smallMemory(): WebAssembly.Memory {
  memories.small ??= new WebAssembly.Memory({ initial: 1 });
  return memories.small;
}

if (import.meta.vitest) verify(pointersReachPastTwoGigabytes);
