import { describe, expect, it } from 'vitest';
import { ByteReader } from './byte-reader.ts';
import { code } from './code.ts';
import { InstructionWalker, OP, UnknownInstruction } from './instructions.ts';

/** Offsets at which the walker sees instructions begin. */
function starts(bytes: readonly number[]): number[] {
  const reader = new ByteReader(Uint8Array.from(bytes));
  const walker = new InstructionWalker(reader);
  const found: number[] = [];
  while (!reader.done) {
    walker.next();
    found.push(walker.start);
  }
  return found;
}

const sixteen = new Array<number>(16).fill(0x0b);

describe('InstructionWalker', () => {
  // A nop follows each: it is seen at the right place only when the immediates were passed over exactly.
  it.each<[string, number[]]>([
    ['block of no result', [0x02, 0x40]],
    ['block of a reference', [0x02, 0x63, 0x6e]],
    ['block of a type index of two bytes', [0x02, 0x80, 0x01]],
    ['br_table', [0x0e, 0x02, 0x00, 0x01, 0x80, 0x00]],
    ['call_indirect', [0x11, 0x80, 0x00, 0x01]],
    ['return_call_indirect', [0x13, 0x01, 0x00]],
    ['call_ref', [0x14, 0x05]],
    ['typed select', [0x1c, 0x01, 0x7f]],
    ['try_table', [0x1f, 0x40, 0x03, 0x00, 0x01, 0x02, 0x02, 0x00, 0x03, 0x01]],
    ['throw', [0x08, 0x00]],
    ['throw_ref', [0x0a]],
    ['delegate', [0x18, 0x00]],
    ['a load with a padded offset', [0x28, 0x02, 0x80, 0x80, 0x00]],
    ['a load of memory 1', [0x28, 0x42, 0x01, 0x10]],
    ['i32.const of five bytes', [0x41, 0x80, 0x80, 0x80, 0x80, 0x78]],
    ['i64.const of ten bytes', [0x42, ...new Array<number>(9).fill(0x80), 0x00]],
    ['f32.const', [0x43, 1, 2, 3, 4]],
    ['f64.const', [0x44, 1, 2, 3, 4, 5, 6, 7, 8]],
    ['i64.extend32_s', [0xc4]],
    ['ref.null', [0xd0, 0x70]],
    ['br_on_null', [0xd5, 0x00]],
    ['struct.get', [0xfb, 0x02, 0x01, 0x00]],
    ['array.new_fixed', [0xfb, 0x08, 0x01, 0x03]],
    ['ref.cast null', [0xfb, 0x17, 0x6e]],
    ['br_on_cast', [0xfb, 0x18, 0x03, 0x00, 0x6e, 0x6b]],
    ['i31.get_u', [0xfb, 0x1e]],
    ['trunc_sat with a padded opcode', [0xfc, 0x87, 0x00]],
    ['memory.init', [0xfc, 0x08, 0x00, 0x00]],
    ['table.fill', [0xfc, 0x11, 0x00]],
    ['v128.load', [0xfd, 0x00, 0x04, 0x00]],
    ['v128.const', [0xfd, 0x0c, ...sixteen]],
    ['i8x16.shuffle', [0xfd, 0x0d, ...sixteen]],
    ['lane extract', [0xfd, 0x15, 0x0f]],
    ['lane store', [0xfd, 0x58, 0x00, 0x00, 0x03]],
    ['relaxed SIMD', [0xfd, 0x80, 0x02]],
    ['memory.atomic.notify', [0xfe, 0x00, 0x02, 0x00]],
    ['atomic.fence', [0xfe, 0x03, 0x00]],
    ['i64.atomic.rmw32.cmpxchg_u', [0xfe, 0x4e, 0x02, 0x00]],
  ])('passes over the immediates of %s', (_, bytes) => {
    expect(starts([...bytes, 0x01])).toEqual([0, bytes.length]);
  });

  it.each([[[0x27]], [[0xc5]], [[0xfb, 0x1f]], [[0xfc, 0x13]], [[0xfd, 0x94, 0x02]], [[0xfe, 0x04]], [[0xff]]])(
    'gives up on the unknown opcode %j',
    (bytes) => {
      expect(() => starts(bytes)).toThrow(UnknownInstruction);
    },
  );

  it('keeps the indices of an instruction', () => {
    const walker = new InstructionWalker(new ByteReader(Uint8Array.from(code('i32.store 2 4096 call 300'))));
    walker.next();
    expect([walker.opcode, walker.index, walker.memoryOffset]).toEqual([0x36, 0, 4096]);
    walker.next();
    expect([walker.opcode, walker.index]).toEqual([OP.call, 300]);
  });
});

describe('code', () => {
  it('refuses words it does not know', () => {
    expect(() => code('i32.frobnicate')).toThrow('unknown instruction "i32.frobnicate"');
  });
});
