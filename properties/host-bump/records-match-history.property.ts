/**
 * records-match-history: getAllocations lists ptr, size, align and tag in allocation order; getAllocationInfo finds a
 * block by its pointer and by nothing else; both, and getStats, give copies.
 */
import fc from 'fast-check';
import type { HostImplementation } from '../../fuzz/subjects/implementation.ts';
import { type Claim, defineClaim } from '../claim.ts';
import {
  expectRefusal,
  expectSame,
  expectText,
  expectUnchanged,
  type Heap,
  heapOf,
  heapState,
} from '../host-allocators/host-heap.ts';
import { type HostLaw, verify } from '../host-allocators/host-law.ts';
import { show } from '../show.ts';

interface Request {
  readonly size: number;
  readonly align: number;
  readonly tag: string | undefined;
}

export const recordsMatchHistory: HostLaw = {
  id: 'records-match-history',
  sentence: 'records hold ptr, size, align and tag in allocation order, and what is returned is a copy',
  claims: (implementation) => [
    listed(implementation),
    found(implementation),
    defaults(implementation),
    copies(implementation),
    forgotten(implementation),
    refusalsLeaveNone(implementation),
    lasting(implementation),
    many(implementation),
  ],
};

/** More than 80 of the largest blocks take. */
const ROOM_PAGES = 128;

/** Up to 80 blocks: more than a first table of any natural size holds. */
function requests(minLength = 0): fc.Arbitrary<Request[]> {
  return fc.array(request(), { minLength, maxLength: 80, size: 'max' });
}

function request(): fc.Arbitrary<Request> {
  const size = fc.oneof(
    { arbitrary: fc.integer({ min: 1, max: 200 }), weight: 12 },
    // Each makes memory grow.
    { arbitrary: fc.integer({ min: 65_537, max: 70_000 }), weight: 1 },
  );
  const align = fc.nat(6).map((exponent) => 2 ** exponent);
  const tag = fc.option(fc.constantFrom('', 'a', 'header', 'éß雪😀', 'a tag of many words '.repeat(7)), {
    nil: undefined,
  });
  return fc.record({ size, align, tag });
}

function allocateAll(implementation: HostImplementation, list: readonly Request[]) {
  const heap = heapOf(implementation, ROOM_PAGES);
  return { heap, pointers: allocateOn(heap, list) };
}

function allocateOn({ allocator }: Heap, list: readonly Request[]): number[] {
  return list.map(({ size, align, tag }) => allocator.alloc(size, align, tag));
}

function expectListed(when: string, { allocator }: Heap, list: readonly Request[], pointers: number[]): void {
  const wanted = list.map(({ size, align, tag }, index) => ({ ptr: pointers[index], size, align, tag }));
  const actual = allocator.getAllocations().map(({ ptr, size, align, tag }) => ({ ptr, size, align, tag }));
  for (const [index, record] of wanted.entries()) {
    expectText(`getAllocations()[${index}] ${when}`, String(JSON.stringify(actual[index])), JSON.stringify(record));
  }
  expectSame(`getAllocations().length ${when}`, actual.length, wanted.length);
}

function listed(implementation: HostImplementation): Claim {
  return defineClaim('getAllocations, in order', [requests()], (list) => {
    const { heap, pointers } = allocateAll(implementation, list);
    expectListed(`after ${list.length} blocks`, heap, list, pointers);
  });
}

function found(implementation: HostImplementation): Claim {
  return defineClaim('getAllocationInfo, by pointer alone', [requests(1)], (list) => {
    const { heap, pointers } = allocateAll(implementation, list);
    for (const [index, request] of list.entries()) expectFound(heap, pointers[index] ?? 0, request);
    const strangers = [0, 1, -1, Number.NaN, heap.allocator.base - 1, heap.allocator.offset, 2 ** 32];
    const inside = pointers.map((ptr) => ptr + 0.5).concat(pointers.map((ptr) => ptr + 1));
    for (const ptr of [...strangers, ...inside].filter((pointer) => !pointers.includes(pointer))) {
      expectNone(heap, ptr, 'where no block begins');
    }
  });
}

function expectFound({ allocator }: Heap, ptr: number, { size, align, tag }: Request): void {
  const record = allocator.getAllocationInfo(ptr);
  expectSame(`getAllocationInfo(${ptr})?.ptr`, record?.ptr, ptr);
  expectSame(`getAllocationInfo(${ptr})?.size`, record?.size, size);
  expectSame(`getAllocationInfo(${ptr})?.align`, record?.align, align);
  expectSame(`getAllocationInfo(${ptr})?.tag`, record?.tag, tag);
}

function expectNone({ allocator }: Heap, ptr: number, when: string): void {
  const record = allocator.getAllocationInfo(ptr);
  expectText(
    `getAllocationInfo(${ptr}) ${when}`,
    record === undefined ? 'undefined' : JSON.stringify(record),
    'undefined',
  );
}

function defaults(implementation: HostImplementation): Claim {
  return defineClaim('a block asked for by size alone', [fc.integer({ min: 1, max: 100 })], (size) => {
    const { allocator } = heapOf(implementation);
    const record = allocator.getAllocationInfo(allocator.alloc(size));
    expectSame('its size', record?.size, size);
    expectSame('its alignment', record?.align, 8);
    expectSame('its tag', record?.tag, undefined);
  });
}

function copies(implementation: HostImplementation): Claim {
  return defineClaim('changing what was returned changes nothing', [requests(1)], (list) => {
    const { heap, pointers } = allocateAll(implementation, list);
    const before = heapState(heap);
    const records = heap.allocator.getAllocations();
    for (const record of records) spoil(record);
    for (const ptr of pointers) spoil(heap.allocator.getAllocationInfo(ptr));
    spoil(heap.allocator.getStats());
    expectUnchanged('state after changing returned records and stats', before, heapState(heap));
    Reflect.set(records, 'length', 0); // A frozen list stays as it is, which is as good.
    expectUnchanged('state after emptying the returned list', before, heapState(heap));
    for (const [index, request] of list.entries()) expectFound(heap, pointers[index] ?? 0, request);
  });
}

function spoil(returned: object | undefined): void {
  if (returned === undefined || Object.isFrozen(returned)) return;
  for (const key of Object.keys(returned)) Reflect.set(returned, key, 'spoilt');
}

function forgotten(implementation: HostImplementation): Claim {
  return defineClaim('reset forgets every record', [requests(1), requests()], (list, later) => {
    const { heap, pointers } = allocateAll(implementation, list);
    // Looked up before as well: what was found last may be kept.
    for (const [index, request] of list.entries()) expectFound(heap, pointers[index] ?? 0, request);
    heap.allocator.reset();
    expectSame('getAllocations().length after reset', heap.allocator.getAllocations().length, 0);
    for (const ptr of pointers) {
      expectNone(heap, ptr, 'after reset');
    }
    const laterPointers = allocateOn(heap, later);
    expectListed(`after reset and ${later.length} blocks`, heap, later, laterPointers);
    for (const [index, request] of later.entries()) expectFound(heap, laterPointers[index] ?? 0, request);
  });
}

function lasting(implementation: HostImplementation): Claim {
  const lists = [requests(1), requests(1), fc.boolean()] as const;
  return defineClaim('what was returned stays as it was', [...lists], (list, later, resets) => {
    const { heap, pointers } = allocateAll(implementation, list);
    const { allocator } = heap;
    const returned = [allocator.getAllocations(), allocator.getAllocationInfo(pointers[0] ?? 0), allocator.getStats()];
    const before = returned.map((each) => JSON.stringify(each));
    if (resets) allocator.reset();
    allocateOn(heap, later);
    returned.push(allocator.getAllocations(), allocator.getAllocationInfo(pointers[0] ?? 0), allocator.getStats());
    for (const [index, text] of before.entries()) {
      const what = ['getAllocations()', `getAllocationInfo(${pointers[0]})`, 'getStats()'][index];
      const when = `after ${resets ? 'a reset and ' : ''}${later.length} more blocks`;
      expectText(`what ${what} returned, ${when}`, String(JSON.stringify(returned[index])), text);
    }
  });
}

/** More than a table of any natural limit keeps; few enough for a copy that looks at every record at each request. */
const MANY_BLOCKS = 10_000;

function many(implementation: HostImplementation): Claim {
  return defineClaim(`${MANY_BLOCKS} blocks`, [], () => {
    const heap = heapOf(implementation);
    const { allocator, base } = { ...heap, base: heap.allocator.base };
    for (let block = 0; block < MANY_BLOCKS; block += 1) allocator.alloc(1, 1, `${block}`);
    const request = `after ${MANY_BLOCKS} times alloc(1, 1, '0'), '1', ...`;
    expectSame(`getAllocations().length ${request}`, allocator.getAllocations().length, MANY_BLOCKS);
    expectSame(`activeAllocations ${request}`, allocator.getStats().activeAllocations, MANY_BLOCKS);
    for (const block of [0, 1, 127, 128, 1023, 1024, MANY_BLOCKS - 1]) {
      expectSame(`getAllocations()[${block}]?.tag ${request}`, allocator.getAllocations()[block]?.tag, `${block}`);
      expectFound(heap, base + block, { size: 1, align: 1, tag: `${block}` });
    }
  });
}

const REFUSED_TAG = 'refused';

/** Refusals of every kind, with a tag that no later block may get. */
function refusals(): fc.Arbitrary<Request> {
  const pairs = fc.constantFrom([0, 8], [8, 3], [2 ** 31, 8], [2 ** 32, 8], [8, 2 ** 31], [1.5, 8]);
  return pairs.map(([size = 0, align = 0]) => ({ size, align, tag: REFUSED_TAG }));
}

function refusalsLeaveNone(implementation: HostImplementation): Claim {
  const calls = fc.array(fc.oneof(request(), refusals()), { minLength: 1, maxLength: 20 });
  return defineClaim('a refused request leaves no record and no tag', [calls], (list) => {
    const heap = heapOf(implementation, ROOM_PAGES);
    const granted = list.filter(({ tag }) => tag !== REFUSED_TAG);
    const pointers = list.flatMap((call) => {
      if (call.tag !== REFUSED_TAG) return allocateOn(heap, [call]);
      expectRefusal(implementation, describe(call), () => allocateOn(heap, [call]));
      return [];
    });
    expectListed(`after ${list.map(describe).join(', ')}`, heap, granted, pointers);
  });
}

function describe({ size, align, tag }: Request): string {
  return `alloc(${[size, align, ...(tag === undefined ? [] : [show(tag)])].join(', ')})`;
}

if (import.meta.vitest) verify(recordsMatchHistory);
