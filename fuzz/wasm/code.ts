/**
 * A small assembler for instruction sequences: `code('local.get 0 i32.const 16 i32.add')` gives the bytes.
 *
 * It knows the instructions that the rewriter's helper functions and the tests are written in. A token such as
 * `0xfd` is one raw byte, for the rest.
 */
import { ByteWriter } from './byte-writer.ts';

/** What follows a mnemonic: u unsigned index, s signed constant, m alignment exponent and offset, t block type, 0 a zero byte. */
type Operands = readonly ('u' | 's' | 'm' | 't' | '0')[];
type Row = readonly [bytes: readonly number[], operands: Operands];

const TABLE = new Map<string, Row>();

function define(first: number, operands: Operands, mnemonics: string): void {
  mnemonics.split(' ').forEach((mnemonic, index) => {
    TABLE.set(mnemonic, [[first + index], operands]);
  });
}

define(0x00, [], 'unreachable nop');
define(0x02, ['t'], 'block loop if');
define(0x05, [], 'else');
define(0x06, ['t'], 'try');
define(0x07, ['u'], 'catch throw rethrow');
define(0x0b, [], 'end');
define(0x0c, ['u'], 'br br_if');
define(0x0f, [], 'return');
define(0x10, ['u'], 'call');
define(0x11, ['u', 'u'], 'call_indirect');
define(0x12, ['u'], 'return_call');
define(0x18, ['u'], 'delegate');
define(0x19, [], 'catch_all drop select');
define(0x20, ['u'], 'local.get local.set local.tee global.get global.set table.get table.set');
define(0x28, ['m'], 'i32.load i64.load f32.load f64.load i32.load8_s i32.load8_u i32.load16_s i32.load16_u');
define(
  0x36,
  ['m'],
  'i32.store i64.store f32.store f64.store i32.store8 i32.store16 i64.store8 i64.store16 i64.store32',
);
define(0x3f, ['0'], 'memory.size memory.grow');
define(0x41, ['s'], 'i32.const i64.const');
define(
  0x45,
  [],
  'i32.eqz i32.eq i32.ne i32.lt_s i32.lt_u i32.gt_s i32.gt_u i32.le_s i32.le_u i32.ge_s i32.ge_u i64.eqz',
);
define(0x54, [], 'i64.lt_u i64.gt_s i64.gt_u');
define(0x67, [], 'i32.clz i32.ctz i32.popcnt i32.add i32.sub i32.mul i32.div_s i32.div_u i32.rem_s i32.rem_u');
define(0x71, [], 'i32.and i32.or i32.xor i32.shl i32.shr_s i32.shr_u');
define(0x7c, [], 'i64.add i64.sub i64.mul');
define(0x83, [], 'i64.and i64.or i64.xor i64.shl i64.shr_s i64.shr_u');
define(0xa7, [], 'i32.wrap_i64');
define(0xac, [], 'i64.extend_i32_s i64.extend_i32_u');
TABLE.set('memory.copy', [
  [0xfc, 0x0a],
  ['0', '0'],
]);
TABLE.set('memory.fill', [[0xfc, 0x0b], ['0']]);
TABLE.set('memory.init', [
  [0xfc, 0x08],
  ['u', '0'],
]);
TABLE.set('data.drop', [[0xfc, 0x09], ['u']]);

const BLOCK_TYPES: Readonly<Record<string, number>> = { void: 0x40, i32: 0x7f, i64: 0x7e };

/**
 * The bytes of the instructions in `text`, which are separated by white space. Every `block`, `loop`, `if` and `try`
 * is followed by `void`, `i32` or `i64`. Throws Error on a word it does not know.
 */
export function code(text: string): number[] {
  const words = text.trim().split(/\s+/);
  const writer = new ByteWriter();
  let position = 0;
  const next = (): string => words[position++] ?? '';
  while (position < words.length) writeInstruction(writer, next);
  return Array.from(writer.view());
}

function writeInstruction(writer: ByteWriter, next: () => string): void {
  const word = next();
  if (word.startsWith('0x')) {
    writer.u8(Number(word));
    return;
  }
  const row = TABLE.get(word);
  if (row === undefined) throw new Error(`unknown instruction "${word}"`);
  writer.bytes(row[0]);
  for (const operand of row[1]) writeOperand(writer, operand, next);
}

function writeOperand(writer: ByteWriter, operand: Operands[number], next: () => string): void {
  if (operand === 'u') writer.u32(Number(next()));
  else if (operand === 's') writer.s32(Number(next()));
  else if (operand === 'm') writer.u32(Number(next())).u32(Number(next()));
  else if (operand === 't') writer.u8(BLOCK_TYPES[next()] ?? 0x40);
  else writer.u8(0);
}
