import { describe, expect, it } from 'vitest';
import { MemoryError } from '../src/memory-error.ts';
// Subclassed here, which what stands in `src/index.ts` need not allow.
import { WasmMemory } from '../src/wasm-memory.ts';
import { generateMemoryTrace, MemoryLockstep } from './memory-lockstep.ts';
import { HOST_IMPLEMENTATION, type HostImplementation } from './subjects/implementation.ts';
import { Random } from './trace/random.ts';
import { parseTrace } from './trace/text.ts';
import { operationCount, type Trace } from './trace/trace.ts';
import type { Violation } from './violation.ts';

function trace(lines: string): Trace {
  return parseTrace(`# heaplaw trace 1\n${lines.split('; ').join('\n')}`).trace;
}

function implementationOf(Memory: typeof WasmMemory): HostImplementation {
  return { ...HOST_IMPLEMENTATION, WasmMemory: Memory, MemoryError };
}

function judged(Memory: typeof WasmMemory, lines: string): Violation | undefined {
  return new MemoryLockstep(implementationOf(Memory)).run(trace(lines), 'every-step');
}

/** Leaves a byte in every memory it is made for. */
class Leaves extends WasmMemory {
  constructor(memory: WebAssembly.Memory) {
    super(memory);
    this.writeBytes(16, Uint8Array.of(7));
  }
}

describe('a sound memory', () => {
  it('breaks no law over generated traces, and they reach every kind of access', () => {
    const lockstep = new MemoryLockstep();
    const random = new Random(42);
    for (let run = 0; run < 300; run++) {
      const made = generateMemoryTrace(random, 60);
      expect(operationCount(made)).toBeLessThanOrEqual(60);
      expect(lockstep.run(made)).toBeUndefined();
    }
    expect(lockstep.operations).toBeGreaterThan(3000);
    expect(lockstep.shapes.count).toBeGreaterThan(100);
  });

  it('breaks no law at its end, in its strings, its NaNs and its growth', () => {
    const lines = [
      'write_f32 0x0 0x7fc00001; write_f64 0x8 0x1 0x7ff80000; read_f32 0x0; read_f64 0x8',
      'write_f32 0xfffe 0x7fc00001; write_i64 0xfff8 0x1 0x80000000; read_i64 0xfff8; read_i64 0xfff9',
      'write_string 0x20 30 0x3; read_string 0x20 4; write_bytes 0x40 3 0xff; read_string 0x40 3; read_bytes 0x40 3',
      'grow 2; grow 1; grow 2; read_i32 0x2ffff; read_i32 0xffffffff; read_string 0xffffffff 1',
    ];
    expect(new MemoryLockstep().run(trace(lines.join('; ')), 'every-step')).toBeUndefined();
  });
});

describe('a faulty memory', () => {
  it.each([
    {
      name: 'writes words highest byte first',
      Memory: class extends WasmMemory {
        override writeI32(pointer: number, value: number): void {
          new DataView(this.getRawMemory().buffer).setInt32(pointer, value, false);
        }
      },
      lines: 'write_i32 0x10 0x1',
      law: 'little-endian-round-trips',
    },
    {
      name: 'writes a byte too far',
      Memory: class extends WasmMemory {
        override writeI32(pointer: number, value: number): void {
          super.writeI32(pointer, value);
          super.writeBytes(pointer + 4, Uint8Array.of(1));
        }
      },
      lines: 'write_i32 0x10 0x1',
      law: 'writes-touch-only-their-bytes',
    },
    {
      name: 'writes a NaN as zero',
      Memory: class extends WasmMemory {
        override writeF64(pointer: number, value: number): void {
          super.writeF64(pointer, Number.isNaN(value) ? 0 : value);
        }
      },
      lines: 'write_f64 0x10 0x1 0x7ff80000',
      law: 'little-endian-round-trips',
    },
    {
      name: 'writes a float into its neighbours',
      Memory: class extends WasmMemory {
        override writeF64(pointer: number, value: number): void {
          super.writeF64(pointer, value);
          super.writeF64(pointer + 8, value);
        }
      },
      lines: 'write_f64 0x10 0x1 0x40000000',
      law: 'writes-touch-only-their-bytes',
    },
    {
      name: 'reads numbers without their sign',
      Memory: class extends WasmMemory {
        override readI32(pointer: number): number {
          return super.readI32(pointer) >>> 0;
        }
      },
      lines: 'write_i32 0x10 0xffffffff; read_i32 0x10',
      law: 'little-endian-round-trips',
    },
    {
      name: 'answers beyond the end',
      Memory: class extends WasmMemory {
        override readI32(pointer: number): number {
          return pointer > 65532 ? 0 : super.readI32(pointer);
        }
      },
      lines: 'read_i32 0xfffd',
      law: 'borders-are-exact',
    },
    {
      name: 'refuses the last word',
      Memory: class extends WasmMemory {
        override readI32(pointer: number): number {
          if (pointer === 65532) throw new MemoryError('out of bounds', pointer, 4);
          return super.readI32(pointer);
        }
      },
      lines: 'read_i32 0xfffc',
      law: 'borders-are-exact',
    },
    {
      name: 'throws an error that is no MemoryError',
      Memory: class extends WasmMemory {
        override readF32(): number {
          throw new RangeError('offset is out of bounds');
        }
      },
      lines: 'read_f32 0x10',
      law: 'operations-never-trap',
    },
    {
      name: 'throws what is no error',
      Memory: class extends WasmMemory {
        override readF32(): number {
          throw 'a string';
        }
      },
      lines: 'read_f32 0x10',
      law: 'operations-never-trap',
    },
    {
      name: 'reads malformed text',
      Memory: class extends WasmMemory {
        override readString(pointer: number, length: number): string {
          return new TextDecoder().decode(super.readBytes(pointer, length));
        }
      },
      lines: 'write_i32 0x10 0xffffffff; read_string 0x10 4',
      law: 'strings-are-utf8',
    },
    {
      name: 'counts pages after growth',
      Memory: class extends WasmMemory {
        override grow(pages: number): number {
          return super.grow(pages) + pages;
        }
      },
      lines: 'grow 1',
      law: 'borders-are-exact',
    },
    {
      name: 'grows by a page too much',
      Memory: class extends WasmMemory {
        override grow(pages: number): number {
          const before = super.grow(pages);
          if (pages > 0) super.grow(1);
          return before;
        }
      },
      lines: 'grow 1',
      law: 'borders-are-exact',
    },
  ])('that $name breaks $law', ({ Memory, lines, law }) => {
    expect(judged(Memory, lines)?.law).toBe(law);
  });

  it('is described by request, answer and what is allowed', () => {
    class Early extends WasmMemory {
      override readI32(pointer: number): number {
        return pointer > 65532 ? 7 : super.readI32(pointer);
      }
    }
    expect(judged(Early, 'read_i32 0x0; read_i32 0xfffe')).toEqual({
      law: 'borders-are-exact',
      step: 2,
      kind: 'read_i32',
      request: 'read_i32 0xfffe',
      answer: '7',
      allowed: 'MemoryError: the range leaves memory of 65536 bytes',
      but: '0xfffe..0x10002',
      relation: 'none',
    });
  });
});

it('an error that is a MemoryError by its name alone is said to be', () => {
  class Namesake extends WasmMemory {
    override readF32(): number {
      throw Object.assign(new Error('out of bounds'), { name: 'MemoryError' });
    }
  }
  expect(judged(Namesake, 'read_f32 0x10')).toMatchObject({
    answer: 'MemoryError: out of bounds (no instance of the exported MemoryError)',
    allowed: 'an answer, or MemoryError',
  });
});

describe('an error of the harness', () => {
  it('is passed on', () => {
    class Bad extends WasmMemory {}
    const lockstep = new MemoryLockstep(implementationOf(Bad));
    lockstep.shapes.see = () => {
      throw new Error('a defect of the harness');
    };
    expect(() => lockstep.run(trace('read_i32 0x0'))).toThrow('a defect of the harness');
  });
});

it('what was wrong before any request is said to be', () => {
  expect(judged(Leaves, '')).toMatchObject({
    law: 'writes-touch-only-their-bytes',
    step: 0,
    request: 'none yet: as it was made',
    answer: 'byte 0x10 is 0x7',
  });
});

it('the answer of a write is the bytes written', () => {
  class CountsUnits extends WasmMemory {
    override writeString(pointer: number, str: string): number {
      super.writeString(pointer, str);
      return str.length;
    }
  }
  const violations = Array.from({ length: 8 }, (_, seed) => judged(CountsUnits, `write_string 0x10 0x8 0x${seed}`));
  expect(violations.find((violation) => violation !== undefined)).toMatchObject({
    law: 'strings-are-utf8',
    allowed: expect.stringMatching(/^\d+, the bytes written$/),
  });
});
