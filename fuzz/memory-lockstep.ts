/**
 * Runs random reads and writes of every type on a WasmMemory and on an array of bytes side by side.
 *
 * The model keeps the bytes memory must hold. Numbers are given to it as words, so that it never asks the code under
 * test, nor a DataView over the same memory, how a number is laid out.
 */

import type { LawId } from './laws.ts';
import { OUTCOME, ShapeMap, shapeOf } from './model/shape.ts';
import { HOST_IMPLEMENTATION, type HostImplementation } from './subjects/implementation.ts';
import { wordAt } from './trace/operand-positions.ts';
import { CODE } from './trace/operation.ts';
import { mix, type Random } from './trace/random.ts';
import { formatOperation } from './trace/text.ts';
import { operationAt, STRIDE, type Trace } from './trace/trace.ts';
import { Broken, foreignErrorText, NO_REQUEST, regionText, type Violation } from './violation.ts';

const PAGE_BYTES = 65536;
const MAXIMUM_PAGES = 4;
const MOST_BYTES = 512;
/** Bytes on either side of a write that are compared at once; the rest of memory is when the trace ends. */
const NEIGHBOURS = 16;

type Memory = InstanceType<HostImplementation['WasmMemory']>;

export class MemoryLockstep {
  readonly shapes = new ShapeMap();
  operations = 0;
  answers = 0;
  readonly #implementation: HostImplementation;
  #raw: WebAssembly.Memory;
  #memory: Memory;
  #expected = new Uint8Array(PAGE_BYTES);
  #trace: Trace = new Uint32Array(0);
  #step = 0;

  constructor(implementation: HostImplementation = HOST_IMPLEMENTATION) {
    this.#implementation = implementation;
    this.#raw = newMemory();
    this.#memory = new implementation.WasmMemory(this.#raw);
  }

  /** Runs `trace` on a memory of one zeroed page. Returns the first violation seen; undefined when every law held. */
  run(trace: Trace, checking: 'at-end' | 'every-step' = 'at-end'): Violation | undefined {
    this.#begin(trace);
    try {
      for (let at = 0; at < trace.length; at += STRIDE) {
        this.#step++;
        this.#operate(wordAt(trace, at), wordAt(trace, at + 1), wordAt(trace, at + 2), wordAt(trace, at + 3));
        if (checking === 'every-step') this.#compareAll();
      }
      this.#compareAll();
      this.operations += this.#step;
      return undefined;
    } catch (error) {
      if (error instanceof Broken) return error.violation;
      throw error;
    }
  }

  #begin(trace: Trace): void {
    this.#trace = trace;
    this.#step = 0;
    this.answers = 0;
    if (this.#raw.buffer.byteLength !== PAGE_BYTES) this.#raw = newMemory();
    new Uint8Array(this.#raw.buffer).fill(0);
    this.#memory = new this.#implementation.WasmMemory(this.#raw);
    this.#expected = new Uint8Array(PAGE_BYTES);
  }

  #operate(code: number, first: number, second: number, third: number): unknown {
    const memory = this.#memory;
    switch (code) {
      case CODE.grow:
        return this.#grow(first);
      case CODE.write_i32:
        return this.#write(code, first, wordBytes(second), () => memory.writeI32(first, numberThatWrapsTo(second)));
      case CODE.write_i64: {
        const value = (BigInt(third | 0) << 32n) | BigInt(second);
        const wraps = second % 2 === 1 ? value + 2n ** 64n : value;
        return this.#write(code, first, [...wordBytes(second), ...wordBytes(third)], () =>
          memory.writeI64(first, wraps),
        );
      }
      case CODE.write_f32:
        return this.#writeFloat(code, first, wordBytes(second), 4);
      case CODE.write_f64:
        return this.#writeFloat(code, first, [...wordBytes(second), ...wordBytes(third)], 8);
      case CODE.write_bytes: {
        const bytes = bytesFrom(third, second % MOST_BYTES);
        return this.#writeCounted('little-endian-round-trips', code, first, bytes, () =>
          memory.writeBytes(first, bytes),
        );
      }
      case CODE.write_string: {
        const text = textFrom(third, second % MOST_BYTES);
        const bytes = new TextEncoder().encode(text);
        return this.#writeCounted('strings-are-utf8', code, first, bytes, () => memory.writeString(first, text));
      }
      default:
        return this.#read(code, first, second);
    }
  }

  #read(code: number, address: number, sizeBytes: number): void {
    const memory = this.#memory;
    switch (code) {
      case CODE.read_i32:
        return this.#readNumber(
          code,
          address,
          4,
          () => memory.readI32(address),
          (bytes) => wordOf(bytes, 0) | 0,
        );
      case CODE.read_i64:
        return this.#readNumber(code, address, 8, () => memory.readI64(address), signedOf);
      case CODE.read_f32:
        return this.#readNumber(
          code,
          address,
          4,
          () => memory.readF32(address),
          (bytes) => floatOf(bytes),
        );
      case CODE.read_f64:
        return this.#readNumber(
          code,
          address,
          8,
          () => memory.readF64(address),
          (bytes) => floatOf(bytes),
        );
      case CODE.read_bytes: {
        const size = sizeBytes % MOST_BYTES;
        return this.#readNumber(code, address, size, () => hex(memory.readBytes(address, size)), hex);
      }
      case CODE.read_string:
        return this.#readString(code, address, sizeBytes % MOST_BYTES);
    }
  }

  #grow(pages: number): void {
    const before = this.#expected.length / PAGE_BYTES;
    const grown = pages % 3;
    const fits = before + grown <= MAXIMUM_PAGES;
    const answer = this.#attempt(() => this.#memory.grow(grown));
    this.#note(CODE.grow, grown, fits);
    if (answer !== (fits ? before : REFUSED)) {
      this.#break('borders-are-exact', text(answer), fits ? `${before}: the pages before` : 'MemoryError');
    }
    if (!fits) return;
    const expected = new Uint8Array((before + grown) * PAGE_BYTES);
    expected.set(this.#expected);
    this.#expected = expected;
  }

  /** A write that answers the bytes it wrote. */
  #writeCounted(law: LawId, code: number, address: number, bytes: Uint8Array, call: () => unknown): void {
    const answer = this.#write(code, address, bytes, call);
    if (answer === REFUSED || answer === bytes.length) return;
    this.#break(law, text(answer), `${bytes.length}, the bytes written`);
  }

  #write(code: number, address: number, bytes: ArrayLike<number>, call: () => unknown): unknown {
    const answer = this.#attempt(call);
    const inside = this.#judgeBorder(code, address, bytes.length, answer);
    if (inside) this.#expected.set(bytes, address);
    this.#compareNear(address, bytes.length);
    return answer;
  }

  /** NaN has many patterns and may change on its way: only that it stays one is promised. */
  #writeFloat(code: number, address: number, bytes: readonly number[], sizeBytes: 4 | 8): void {
    const memory = this.#memory;
    const value = floatOf(Uint8Array.from(bytes));
    const call = sizeBytes === 4 ? () => memory.writeF32(address, value) : () => memory.writeF64(address, value);
    if (!Number.isNaN(value)) {
      this.#write(code, address, bytes, call);
      return;
    }
    const inside = this.#judgeBorder(code, address, sizeBytes, this.#attempt(call));
    if (!inside) return this.#compareNear(address, sizeBytes);
    const written = new Uint8Array(this.#raw.buffer).slice(address, address + sizeBytes);
    if (!Number.isNaN(floatOf(written))) this.#break('little-endian-round-trips', hex(written), 'the bytes of a NaN');
    this.#expected.set(written, address);
    this.#compareNear(address, sizeBytes);
  }

  #readNumber(
    code: number,
    address: number,
    size: number,
    call: () => unknown,
    decode: (bytes: Uint8Array) => unknown,
  ): void {
    const answer = this.#attempt(call);
    if (!this.#judgeBorder(code, address, size, answer)) return;
    const wanted = decode(this.#expected.slice(address, address + size));
    if (!Object.is(answer, wanted)) this.#break('little-endian-round-trips', text(answer), text(wanted));
  }

  #readString(code: number, address: number, sizeBytes: number): void {
    const answer = this.#attempt(() => this.#memory.readString(address, sizeBytes));
    const inside = address + sizeBytes <= this.#expected.length;
    const wanted = inside ? decoded(this.#expected.slice(address, address + sizeBytes)) : REFUSED;
    this.#note(code, sizeBytes, wanted !== REFUSED);
    if (answer !== wanted) this.#break(inside ? 'strings-are-utf8' : 'borders-are-exact', text(answer), text(wanted));
  }

  /** Whether the range lies inside memory; breaks when the answer says otherwise. */
  #judgeBorder(code: number, address: number, sizeBytes: number, answer: unknown): boolean {
    const inside = address + sizeBytes <= this.#expected.length;
    this.#note(code, sizeBytes, inside);
    if (inside === (answer !== REFUSED)) return inside;
    const allowed = inside ? 'an answer: the range lies inside' : 'MemoryError: the range leaves';
    const range = regionText(address, sizeBytes);
    return this.#break('borders-are-exact', text(answer), `${allowed} memory of ${this.#expected.length} bytes`, range);
  }

  #attempt(call: () => unknown): unknown {
    try {
      return call();
    } catch (error) {
      if (error instanceof this.#implementation.MemoryError) return REFUSED;
      return this.#break('operations-never-trap', foreignErrorText(error), 'an answer, or MemoryError');
    }
  }

  #note(code: number, sizeBytes: number, answered: boolean): void {
    this.answers = mix(this.answers ^ (answered ? sizeBytes + 1 : 0));
    const pages = this.#expected.length / PAGE_BYTES;
    this.shapes.see(shapeOf(code, sizeBytes, answered ? OUTCOME.done : OUTCOME.refused, pages));
  }

  #compareNear(address: number, sizeBytes: number): void {
    this.#compare(Math.max(0, address - NEIGHBOURS), Math.min(this.#expected.length, address + sizeBytes + NEIGHBOURS));
  }

  #compareAll(): void {
    if (this.#raw.buffer.byteLength !== this.#expected.length) {
      const pages = this.#expected.length / PAGE_BYTES;
      this.#break('borders-are-exact', `memory of ${this.#raw.buffer.byteLength / PAGE_BYTES} pages`, `${pages} pages`);
    }
    this.#compare(0, this.#expected.length);
  }

  #compare(from: number, to: number): void {
    if (from >= to) return;
    const actual = Buffer.from(this.#raw.buffer, from, to - from);
    if (actual.equals(this.#expected.subarray(from, to))) return;
    const at = this.#expected.subarray(from, to).findIndex((byte, index) => byte !== actual[index]) + from;
    const found = `byte 0x${at.toString(16)} is 0x${actual.readUInt8(at - from).toString(16)}`;
    this.#break(this.#lawOfByte(at), found, `0x${Number(this.#expected[at]).toString(16)}`);
  }

  /** A wrong byte inside the range just written is a wrong encoding; outside it, a write too far. */
  #lawOfByte(at: number): LawId {
    const address = wordAt(this.#trace, (this.#step - 1) * STRIDE + 1);
    const inside = at >= address && at < address + MOST_BYTES && at < address + this.#lastWidth();
    return inside ? 'little-endian-round-trips' : 'writes-touch-only-their-bytes';
  }

  #lastWidth(): number {
    const code = this.#trace[(this.#step - 1) * STRIDE];
    if (code === CODE.write_i32 || code === CODE.write_f32) return 4;
    return code === CODE.write_i64 || code === CODE.write_f64 ? 8 : 0;
  }

  #break(law: LawId, answer: string, allowed: string, but?: string): never {
    const operation = this.#step === 0 ? undefined : operationAt(this.#trace, this.#step - 1);
    const request = operation === undefined ? NO_REQUEST : formatOperation(operation);
    const violation: Violation = {
      law,
      step: this.#step,
      kind: operation?.kind ?? 'grow',
      request,
      answer,
      allowed,
      relation: 'none',
    };
    throw new Broken(but === undefined ? violation : { ...violation, but });
  }
}

const REFUSED = Symbol('MemoryError');

const KINDS = [
  ...[CODE.write_i32, CODE.write_i64, CODE.write_f32, CODE.write_f64, CODE.write_bytes, CODE.write_string],
  ...[CODE.read_i32, CODE.read_i64, CODE.read_f32, CODE.read_f64, CODE.read_bytes, CODE.read_string],
];

/**
 * A trace of reads and writes, half of them over a few bytes that others wrote, with addresses near every border. One
 * in four grows memory: making a new one afterwards costs more than all the rest.
 */
export function generateMemoryTrace(random: Random, maximumOperations: number): Trace {
  const count = random.between(1, Math.min(maximumOperations, 60));
  const trace = new Uint32Array(count * STRIDE);
  const home = random.below(4 * PAGE_BYTES);
  const growing = random.oneIn(4);
  for (let at = 0; at < trace.length; at += STRIDE) {
    const grows = growing && random.oneIn(12);
    trace[at] = grows ? CODE.grow : random.pick(KINDS);
    trace[at + 1] = grows ? random.below(3) : addressNear(random, home);
    trace[at + 2] = random.oneIn(3) ? random.below(20) : random.word();
    trace[at + 3] = random.word();
  }
  return trace;
}

function addressNear(random: Random, home: number): number {
  switch (random.below(6)) {
    case 0:
      return random.below(MAXIMUM_PAGES + 1) * PAGE_BYTES + random.below(10);
    case 1:
      return Math.max(0, random.between(1, MAXIMUM_PAGES) * PAGE_BYTES - random.below(20));
    case 2:
      return random.pick([0, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32 - 4, 2 ** 32 - 8]);
    default:
      return home + random.below(24);
  }
}

function newMemory(): WebAssembly.Memory {
  return new WebAssembly.Memory({ initial: 1, maximum: MAXIMUM_PAGES });
}

/** A number that ToInt32 makes `word`: signed, unsigned, with a fraction that is cut off, or past 32 bits, by its last bits. */
function numberThatWrapsTo(word: number): number {
  const signed = word | 0;
  const numbers = [signed, word, signed + Math.sign(signed) * 0.75, signed - 2 ** 32];
  return numbers[word % numbers.length] ?? signed;
}

function wordBytes(word: number): number[] {
  return [word & 255, (word >>> 8) & 255, (word >>> 16) & 255, word >>> 24];
}

function wordOf(bytes: Uint8Array, at: number): number {
  const [a = 0, b = 0, c = 0, d = 0] = bytes.subarray(at, at + 4);
  return (a + b * 2 ** 8 + c * 2 ** 16 + d * 2 ** 24) >>> 0;
}

function signedOf(bytes: Uint8Array): bigint {
  return BigInt(wordOf(bytes, 4) | 0) * 2n ** 32n + BigInt(wordOf(bytes, 0));
}

/** The float whose little-endian bytes these are; 4 or 8 of them. A DataView of its own decodes it. */
function floatOf(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return bytes.length === 4 ? view.getFloat32(0, true) : view.getFloat64(0, true);
}

function bytesFrom(seed: number, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => mix(seed + index));
}

const ALPHABET = ['a', 'Z', '0', ' ', '\u0000', 'é', 'ß', '€', '中', '\ufeff', '😀', '𐍈', '\ud800', '\udfff'];

/** A text of up to `length` characters: all ASCII for every other seed. */
function textFrom(seed: number, length: number): string {
  const letters = seed % 2 === 0 ? ALPHABET.slice(0, 5) : ALPHABET;
  const characters = Array.from({ length: Math.min(length, 100) }, (_, index) => mix(seed + index) % letters.length);
  return characters.map((index) => letters[index]).join('');
}

function decoded(bytes: Uint8Array): string | typeof REFUSED {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return REFUSED;
  }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

function text(answer: unknown): string {
  if (answer === REFUSED) return 'MemoryError';
  return typeof answer === 'string' ? JSON.stringify(answer) : String(answer);
}
