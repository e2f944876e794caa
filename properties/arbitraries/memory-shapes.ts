/**
 * Memories with a history: so many pages at first, then grown by the interface, by the host or by a module.
 *
 * Most are one page and small, as they are cheap; memories of no page, growth by no page (which detaches every view all
 * the same) and shared memories (whose views are not detached but too short) each come up every few runs.
 */
import fc from 'fast-check';
import { answerTo } from '../claim.ts';
import type { Implementation, MemoryInterface } from '../wasm-memory/implementation.ts';
import { virtualMachineOf } from '../wasm-memory/oracles/virtual-machine.ts';
import { PAGE_BYTES } from './borders.ts';

/** Who grows: the interface under test, somebody else who holds the memory, a module that imports it. */
export const GROWERS = ['interface', 'host', 'module'] as const;

export interface Growth {
  readonly by: (typeof GROWERS)[number];
  readonly pages: number;
}

export interface MemoryShape {
  readonly pages: number;
  readonly shared: boolean;
  readonly growths: readonly Growth[];
}

/** A memory in a shape, and the interface under test that has lived through its growths. */
export interface Stage {
  readonly subject: Implementation;
  readonly shape: MemoryShape;
  readonly raw: WebAssembly.Memory;
  readonly memory: MemoryInterface;
}

/** One page, never grown. */
export const ONE_PAGE: MemoryShape = { pages: 1, shared: false, growths: [] };

/** One shape for each way a memory can have come about, the plainest first, for laws that go through all of them. */
export const EVERY_SHAPE: readonly MemoryShape[] = [
  ONE_PAGE,
  { pages: 0, shared: false, growths: [] },
  { pages: 2, shared: false, growths: [] },
  { pages: 1, shared: true, growths: [] },
  ...GROWERS.flatMap((by) => [
    { pages: 1, shared: false, growths: [{ by, pages: 1 }] },
    { pages: 1, shared: false, growths: [{ by, pages: 0 }] },
    { pages: 1, shared: true, growths: [{ by, pages: 1 }] },
  ]),
  { pages: 0, shared: false, growths: [{ by: 'interface', pages: 1 }] },
  { pages: 0, shared: false, growths: [{ by: 'host', pages: 1 }] },
  {
    pages: 1,
    shared: false,
    growths: [
      { by: 'interface', pages: 1 },
      { by: 'host', pages: 2 },
    ],
  },
];

/** A shared memory has to name a maximum. No shape grows beyond it. */
const MAXIMUM_PAGES = 10;

export function growths(): fc.Arbitrary<Growth> {
  return fc.record({ by: fc.constantFrom(...GROWERS), pages: fc.nat(2) });
}

/** Shapes of at most 2 + 3 * 2 pages. */
export function memoryShapes(): fc.Arbitrary<MemoryShape> {
  return fc.record({
    pages: fc.oneof({ arbitrary: fc.constant(1), weight: 3 }, { arbitrary: fc.nat(2), weight: 2 }),
    shared: fc.oneof({ arbitrary: fc.constant(false), weight: 3 }, { arbitrary: fc.boolean(), weight: 2 }),
    growths: fc.array(growths(), { maxLength: 3 }),
  });
}

/** Sets up `shape` with the interface in use before each growth, so that whatever it keeps has become stale. */
export function stageOf(subject: Implementation, shape: MemoryShape = ONE_PAGE): Stage {
  const raw = new WebAssembly.Memory({ initial: shape.pages, maximum: MAXIMUM_PAGES, shared: shape.shared });
  const stage = { subject, shape, raw, memory: subject.make(raw) };
  for (const growth of shape.growths) {
    answerTo(`a call of each kind ${describeShape(shape)}, before growth`, () => use(stage.memory, sizeOf(raw)));
    answerTo(`growth ${describeShape(shape)}`, () => grow(stage, growth));
  }
  paint(raw);
  return stage;
}

/** Grows the memory of `stage` as `growth` says. */
export function grow(stage: Stage, growth: Growth): void {
  if (growth.by === 'interface') stage.memory.grow(growth.pages);
  else if (growth.by === 'host') stage.raw.grow(growth.pages);
  else virtualMachineOf(stage.raw).grow(growth.pages);
}

/** The bytes of `raw` now. */
export function sizeOf(raw: WebAssembly.Memory): number {
  return raw.buffer.byteLength;
}

/** Fills memory from `start` to `end` with printable ASCII, no lower-case letter, different from byte to byte and from page to page. */
export function paint(raw: WebAssembly.Memory, start = 0, end = sizeOf(raw)): void {
  new Uint8Array(raw.buffer).set(BACKGROUND.subarray(start, end), start);
}

/** The byte that `paint` leaves at `pointer`. */
export function backgroundAt(pointer: number): number {
  return 0x20 + ((pointer * 7 + Math.floor(pointer / 256) * 3 + Math.floor(pointer / PAGE_BYTES)) % 0x40);
}

/** A copy of the bytes of `raw` from `start` to `end`. */
export function bytesOf(raw: WebAssembly.Memory, start = 0, end = sizeOf(raw)): Uint8Array {
  return new Uint8Array(raw.buffer).slice(start, end);
}

/** The first pointer at which `raw` differs from `expected`; undefined when all is equal. */
export function firstDifference(raw: WebAssembly.Memory, expected: Uint8Array): number | undefined {
  const actual = new Uint8Array(raw.buffer);
  if (Buffer.compare(actual, expected) === 0) return undefined;
  const end = Math.min(actual.length, expected.length);
  for (let at = 0; at < end; at += 1) if (actual[at] !== expected[at]) return at;
  return end;
}

/** "on 1 page, shared, grown by 2 by the host (196608 bytes)", to follow a call. */
export function describeShape(shape: MemoryShape): string {
  const total = shape.growths.reduce((pages, growth) => pages + growth.pages, shape.pages);
  const grown = shape.growths.map(({ by, pages }) => `, grown by ${pages} by the ${by}`).join('');
  return `on ${shape.pages} ${shape.pages === 1 ? 'page' : 'pages'}${shape.shared ? ', shared' : ''}${grown} (${total * PAGE_BYTES} bytes)`;
}

const BACKGROUND = Uint8Array.from({ length: MAXIMUM_PAGES * PAGE_BYTES }, (_, pointer) => backgroundAt(pointer));

/** Calls every kind of access once. */
function use(memory: MemoryInterface, sizeBytes: number): void {
  memory.readBytes(0, 0);
  memory.readString(0, 0);
  memory.createDataView(0, 0);
  if (sizeBytes === 0) return;
  memory.writeI32(0, memory.readI32(0));
  memory.writeF64(8, memory.readF64(8));
  memory.writeBytes(0, memory.readBytes(0, 4));
  memory.writeString(0, memory.readString(0, 4));
}
