/**
 * strings-get-blocks: allocString reserves 4 bytes a UTF-16 unit, 4-aligned, and writes the string's UTF-8 there; an
 * empty string gets a block too, and a refused growth changes nothing.
 */
import fc from 'fast-check';
import type { HostImplementation } from '../../fuzz/subjects/implementation.ts';
import { broken, type Claim, defineClaim } from '../claim.ts';
import {
  afterBlock,
  expectRefusal,
  expectSame,
  expectUnchanged,
  heapOf,
  heapState,
} from '../host-allocators/host-heap.ts';
import { type HostLaw, verify } from '../host-allocators/host-law.ts';
import { show } from '../show.ts';

const BYTES_PER_UNIT = 4;

/** What memory holds before a string is written: neither NUL nor the beginning of a character. */
const BACKGROUND = 0x9a;

export const stringsGetBlocks: HostLaw = {
  id: 'strings-get-blocks',
  sentence: 'allocString reserves 4 bytes a UTF-16 unit, 4-aligned, and writes the UTF-8 of the string there',
  claims: (implementation) => [
    anyString(implementation),
    longString(implementation),
    emptyString(implementation),
    refusedString(implementation),
  ],
};

/** Made once: fast-check takes long to list all characters. */
const STRINGS = fc.oneof(fc.string({ unit: 'binary', maxLength: 40 }), fc.string({ unit: 'grapheme', maxLength: 40 }));

function anyString(implementation: HostImplementation): Claim {
  const tags = fc.option(fc.string(), { nil: undefined });
  return defineClaim('any string, after a block of any size', [STRINGS, fc.nat(20), tags], (string, warmUp, tag) => {
    if (string !== '') allocates(implementation, string, warmUp, tag);
  });
}

function longString(implementation: HostImplementation): Claim {
  const lengths = fc.oneof(fc.integer({ min: 1, max: 5000 }), fc.constantFrom(16_383, 16_384, 16_385, 40_000));
  return defineClaim(
    'a long string',
    [lengths, fc.constantFrom('a', 'é', '€', '😀')],
    (length, character) => {
      allocates(implementation, character.repeat(length).slice(0, length), 3, undefined);
    },
    { runs: 30 },
  );
}

function allocates(implementation: HostImplementation, string: string, warmUp: number, tag: string | undefined): void {
  const { raw, allocator } = heapOf(implementation);
  if (warmUp > 0) allocator.alloc(warmUp, 1);
  const start = Math.ceil(allocator.offset / BYTES_PER_UNIT) * BYTES_PER_UNIT;
  const background = new Uint8Array(raw.buffer).fill(BACKGROUND).slice();
  const request = `allocString(${show(string)}, ${show(tag)})${afterBlock(warmUp)}`;
  const ptr = tag === undefined ? allocator.allocString(string) : allocator.allocString(string, tag);
  expectSame(request, ptr, start);
  expectSame(`offset after ${request}`, allocator.offset, start + string.length * BYTES_PER_UNIT);
  expectSame(`size recorded by ${request}`, allocator.getAllocationInfo(ptr)?.size, string.length * BYTES_PER_UNIT);
  expectSame(`align recorded by ${request}`, allocator.getAllocationInfo(ptr)?.align, BYTES_PER_UNIT);
  expectSame(`tag recorded by ${request}`, allocator.getAllocationInfo(ptr)?.tag, tag);
  const bytes = new Uint8Array(raw.buffer);
  expectBytes(request, bytes.subarray(ptr), new TextEncoder().encode(string));
  expectOutside(request, bytes, background, ptr, ptr + string.length * BYTES_PER_UNIT);
}

/** Breaks the claim when a byte outside the block changed. New pages are zero, and not looked at. */
function expectOutside(request: string, bytes: Uint8Array, before: Uint8Array, start: number, end: number): void {
  for (const [from, to] of [[0, start] as const, [end, before.length] as const]) {
    if (from >= to || Buffer.compare(bytes.subarray(from, to), before.subarray(from, to)) === 0) continue;
    const at = from + bytes.subarray(from, to).findIndex((byte, index) => byte !== before[from + index]);
    broken({ request, answer: `byte ${at} became ${show(bytes[at])}`, allowed: `only bytes ${start}..${end} change` });
  }
}

function expectBytes(request: string, actual: Uint8Array, wanted: Uint8Array): void {
  const offset = wanted.findIndex((byte, index) => actual[index] !== byte);
  if (offset < 0) return;
  broken({
    request: `byte ${offset} written by ${request}`,
    answer: show(actual[offset]),
    allowed: `${show(wanted[offset])}: its UTF-8`,
  });
}

function emptyString(implementation: HostImplementation): Claim {
  return defineClaim('an empty string has a block of its own', [fc.nat(20)], (warmUp) => {
    const { allocator } = heapOf(implementation);
    if (warmUp > 0) allocator.alloc(warmUp, 1);
    const start = Math.ceil(allocator.offset / BYTES_PER_UNIT) * BYTES_PER_UNIT;
    const first = allocator.allocString('');
    const second = allocator.allocString('');
    expectSame(`allocString('')${afterBlock(warmUp)}`, first, start);
    if (second <= first || second % BYTES_PER_UNIT !== 0) {
      broken({ request: "a second allocString('')", answer: show(second), allowed: `4-aligned, above ${show(first)}` });
    }
    const records = warmUp > 0 ? 3 : 2;
    expectSame('records after two empty strings', allocator.getAllocations().length, records);
  });
}

function refusedString(implementation: HostImplementation): Claim {
  const units = fc.integer({ min: 16_385, max: 40_000 });
  return defineClaim(
    'a string that does not fit',
    [units, fc.constantFrom('a', '€')],
    (length, character) => {
      const heap = heapOf(implementation, 2);
      const before = heapState(heap);
      const bytes = new Uint8Array(heap.raw.buffer).slice();
      const request = `allocString of ${length} units in a heap of 65536 bytes`;
      expectRefusal(implementation, request, () => heap.allocator.allocString(character.repeat(length)));
      expectUnchanged(request, before, heapState(heap));
      expectSame(`bytes after ${request}`, Buffer.compare(bytes, new Uint8Array(heap.raw.buffer)), 0);
    },
    { runs: 10 },
  );
}

if (import.meta.vitest) verify(stringsGetBlocks);
