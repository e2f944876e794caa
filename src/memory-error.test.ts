import { describe, expect, test } from 'vitest';
import { MemoryError } from './index.ts';

describe('MemoryError', () => {
  test('is a MemoryError and an Error', () => {
    const error = new MemoryError('no');
    expect(error).toBeInstanceOf(MemoryError);
    expect(error).toBeInstanceOf(Error);
    expect(Object.getPrototypeOf(error)).toBe(MemoryError.prototype);
    expect(Object.getPrototypeOf(MemoryError.prototype)).toBe(Error.prototype);
  });

  test('has its own name, its message and a stack that begins with both', () => {
    const error = new MemoryError('out of bounds');
    expect(error.name).toBe('MemoryError');
    expect(error.message).toBe('out of bounds');
    expect(String(error)).toBe('MemoryError: out of bounds');
    expect(error.stack).toContain('out of bounds');
  });

  test('carries pointer and length, and neither when there is none', () => {
    expect(new MemoryError('no', 16, 4)).toMatchObject({ ptr: 16, length: 4 });
    const { ptr, length } = new MemoryError('no');
    expect([ptr, length]).toEqual([undefined, undefined]);
  });
});
