/**
 * created-views-are-windows: `createByteView` and `createDataView` answer a view on exactly the bytes asked for, which
 * sees what is written to memory and writes what memory sees, until memory grows.
 */
import { goodPointers, lengths, notableLengths, PAGE_BYTES } from '../arbitraries/borders.ts';
import {
  bytesOf,
  describeShape,
  firstDifference,
  type MemoryShape,
  memoryShapes,
  type Stage,
  sizeOf,
  stageOf,
} from '../arbitraries/memory-shapes.ts';
import { answerTo, broken, type Claim, defineClaim } from '../claim.ts';
import { show, showAddress } from '../show.ts';
import type { Implementation, MemoryInterface } from './implementation.ts';
import { type MemoryLaw, verify } from './memory-law.ts';

export const createdViewsAreWindows: MemoryLaw = {
  id: 'created-views-are-windows',
  sentence: 'a created view is on exactly the bytes asked for, and shares them with memory',
  claims: (subject) => VIEWS.flatMap((view) => [sharesItsBytes(subject, view), ofEveryLength(subject, view)]),
};

interface ViewMethod {
  readonly name: 'createByteView' | 'createDataView';
  readonly type: typeof Uint8Array | typeof DataView;
  readonly create: (memory: MemoryInterface, ptr: number, length: number) => ArrayBufferView;
}

const VIEWS: readonly ViewMethod[] = [
  { name: 'createByteView', type: Uint8Array, create: (memory, ptr, length) => memory.createByteView(ptr, length) },
  { name: 'createDataView', type: DataView, create: (memory, ptr, length) => memory.createDataView(ptr, length) },
];

function sharesItsBytes(subject: Implementation, view: ViewMethod): Claim {
  const check = (shape: MemoryShape, length: number, pointer: number): void => {
    const stage = stageOf(subject, shape);
    const lengthBytes = Math.min(length, sizeOf(stage.raw));
    judge(stage, view, Math.min(pointer, sizeOf(stage.raw) - lengthBytes), lengthBytes);
  };
  const places = goodPointers(2 * PAGE_BYTES, 1);
  const title = `${view.name} shares its bytes with memory`;
  return defineClaim(title, [memoryShapes(), lengths(2 * PAGE_BYTES), places], check, { runs: 150 });
}

function ofEveryLength(subject: Implementation, view: ViewMethod): Claim {
  const stage = stageOf(subject, { pages: 2, shared: false, growths: [] });
  const check = (): void => {
    for (const length of notableLengths(PAGE_BYTES)) judge(stage, view, 2 * PAGE_BYTES - length, length);
  };
  return defineClaim(`${view.name} of each length at which implementations change their ways`, [], check);
}

function judge(stage: Stage, { name, type, create }: ViewMethod, ptr: number, lengthBytes: number): void {
  const request = `${name}(${showAddress(ptr)}, ${lengthBytes}) ${describeShape(stage.shape)}`;
  const created = answerTo(request, () => create(stage.memory, ptr, lengthBytes));
  if (!(created instanceof type)) broken({ request, answer: String(created), allowed: `a ${type.name}` });
  if (created.byteLength !== lengthBytes) {
    broken({ request, answer: `${created.byteLength} bytes`, allowed: `${lengthBytes} bytes` });
  }
  judgeSeen(stage, request, created, ptr, 'at once');
  const window = new Uint8Array(stage.raw.buffer, ptr, lengthBytes);
  for (let at = 0; at < lengthBytes; at += 1) window[at] = (window[at] ?? 0) + at + 1;
  judgeSeen(stage, request, created, ptr, 'after memory was written to');
  judgeWritten(stage, request, created, ptr);
}

function judgeSeen({ raw }: Stage, request: string, created: ArrayBufferView, ptr: number, when: string): void {
  const expected = bytesOf(raw, ptr, ptr + created.byteLength);
  const seen = bytesIn(created);
  if (Buffer.compare(seen, expected) !== 0)
    broken({ request, answer: `${show(seen)} ${when}`, allowed: show(expected) });
}

function judgeWritten({ raw }: Stage, request: string, created: ArrayBufferView, ptr: number): void {
  const expected = bytesOf(raw);
  expected.fill(0xee, ptr, ptr + created.byteLength);
  bytesIn(created).fill(0xee);
  const changed = firstDifference(raw, expected);
  if (changed === undefined) return;
  const answer = `the byte at ${showAddress(changed)} is wrong after a write through the view`;
  broken({ request, answer, allowed: 'memory has what the view was given, and only there' });
}

function bytesIn(view: ArrayBufferView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

if (import.meta.vitest) verify(createdViewsAreWindows);
