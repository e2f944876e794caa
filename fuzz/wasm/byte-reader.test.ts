import { describe, expect, it } from 'vitest';
import { ByteReader, MalformedModule } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';

const reader = (...bytes: number[]) => new ByteReader(Uint8Array.from(bytes));

describe('ByteReader', () => {
  it('reads unsigned integers, padded ones too', () => {
    expect(reader(0x05).u32()).toBe(5);
    expect(reader(0x85, 0x80, 0x80, 0x80, 0x00).u32()).toBe(5);
    expect(reader(0xff, 0xff, 0xff, 0xff, 0x0f).u32()).toBe(0xffffffff);
    expect(reader(0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01).u64()).toBe(2 ** 56);
  });

  it('reads signed integers of 33 bits', () => {
    expect(reader(0x40).s33()).toBe(-64);
    expect(reader(0x3f).s33()).toBe(63);
    expect(reader(0xff, 0x7f).s33()).toBe(-1);
    expect(reader(0x80, 0x80, 0x80, 0x80, 0x70).s33()).toBe(-(2 ** 32));
  });

  it.each([
    ['u32', (from: ByteReader) => from.u32(), 'more than 32 bits'],
    ['u64', (from: ByteReader) => from.u64(), 'more than 64 bits'],
    ['s33', (from: ByteReader) => from.s33(), 'more than 33 bits'],
  ])('refuses a %s without an end', (_, read, message) => {
    expect(() => read(reader(...new Array(12).fill(0x80)))).toThrow(message);
  });

  it('refuses to read past the end', () => {
    expect(() => reader().u8()).toThrow(MalformedModule);
    expect(() => reader(1, 2).take(3)).toThrow('3 bytes at 0 reach past the end at 2');
  });

  it('reads back what ByteWriter wrote', () => {
    const values = [0, 1, 127, 128, 16384, 0x7fffffff, 0x80000000, 0xffffffff];
    const writer = new ByteWriter(1);
    for (const value of values) writer.u32(value);
    for (const value of [-1, -64, -65, 63, 64, 2 ** 31 - 1, -(2 ** 31)]) writer.s32(value);
    const from = new ByteReader(writer.text('é').view());
    expect(values.map(() => from.u32())).toEqual(values);
    expect([1, 2, 3, 4, 5, 6, 7].map(() => from.s33())).toEqual([-1, -64, -65, 63, 64, 2 ** 31 - 1, -(2 ** 31)]);
    expect(from.text()).toBe('é');
    expect(from.done).toBe(true);
  });
});
