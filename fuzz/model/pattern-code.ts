/**
 * The code of the pattern kernel, in the bytes of WebAssembly.
 *
 * A block is gone through in the largest pieces that fit into it, and its end in one more piece, which overlaps the one
 * before: blocks are of any length, and a branch that nobody can foretell costs as much as a hundred bytes.
 */
import { signed, unsigned } from './leb128.ts';

/** The locals behind the four parameters: so many of each type. */
export const LOCALS = { words: 3, vectors: 3 };

// The parameters; the last word, which may begin inside one of the pattern, and where it lies; where the last piece does;
// the next four words, the first four of the last piece, and what words four apart differ by.
const POINTER = 0;
const LENGTH = 1;
const SEED = 2;
const STEP = 3;
const LAST_WORD = 4;
const LAST_WORD_AT = 5;
const LAST_PIECE_AT = 6;
const NEXT = 7;
const LAST_PIECE = 8;
const DELTA = 9;

const get = (local: number): number[] => [0x20, local];
const set = (local: number): number[] => [0x21, local];
const constant = (value: number): number[] => [0x41, ...signed(value)];
const giveBack = 0x0f;
const equal = 0x46;
const differ = 0x47;
const isFrom = 0x4f;
const add = 0x6a;
const subtract = 0x6b;
const multiply = 0x6c;
const and = 0x71;
const or = 0x72;
const shiftLeft = 0x74;
const shiftRight = 0x76;
const simd = (opcode: number): number[] => [0xfd, ...unsigned(opcode)];
const vectorConstant = simd(0x0c);
const splat = simd(0x11);
const vectorOr = simd(0x50);
const vectorXor = simd(0x51);
const anyTrue = simd(0x53);
const vectorAdd = simd(0xae);
const vectorMultiply = simd(0xb5);

/** The bytes of v128.const for the words 0, 1, 2, 3. */
const ZERO_TO_THREE = [0, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0];

const LENGTH_IN_WORDS = [...get(LENGTH), ...constant(2), shiftRight];

/** Word number `index` of the pattern. */
const wordAt = (index: readonly number[]): number[] => [...get(SEED), ...index, ...get(STEP), multiply, add];

/** Bits that the last word begins behind the start of one of the pattern. */
const LATENESS = [...get(LENGTH), ...constant(3), and, ...constant(3), shiftLeft];

/** LAST_WORD is the end of one word and the start of the next; a shift by 32 would be one by 0, and so is made in two. */
const SET_LAST_WORD: number[] = [
  ...[...wordAt([...LENGTH_IN_WORDS, ...constant(1), subtract]), ...LATENESS, shiftRight],
  ...[...wordAt(LENGTH_IN_WORDS), ...constant(24), ...LATENESS, subtract, shiftLeft, ...constant(8), shiftLeft],
  ...[or, ...set(LAST_WORD)],
  ...[...get(POINTER), ...get(LENGTH), add, ...constant(4), subtract, ...set(LAST_WORD_AT)],
];

const SET_VECTORS: number[] = [
  ...[...get(SEED), ...splat],
  ...[...get(STEP), ...splat, ...vectorConstant, ...ZERO_TO_THREE, ...vectorMultiply, ...vectorAdd, ...set(NEXT)],
  ...[...get(STEP), ...constant(2), shiftLeft, ...splat, ...set(DELTA)],
];

/** The last piece of `bytes` bytes ends with the last whole word. */
const setLastPiece = (bytes: number): number[] => [
  ...[...get(POINTER), ...get(LENGTH), ...constant(-4), and, add, ...constant(bytes), subtract, ...set(LAST_PIECE_AT)],
  ...[...LENGTH_IN_WORDS, ...constant(bytes / 4), subtract, ...get(STEP), multiply, ...splat],
  ...[...get(NEXT), ...vectorAdd, ...set(LAST_PIECE)],
];

/** Runs `body` until POINTER, compared so, has reached an end, moving POINTER on by `bytes` each time. */
const until = (compared: readonly number[], bytes: number, body: readonly number[]): number[] => [
  ...[0x02, 0x40, 0x03, 0x40],
  ...[...get(POINTER), ...compared, 0x0d, 1],
  ...body,
  ...[...get(POINTER), ...constant(bytes), add, ...set(POINTER)],
  ...[0x0c, 0, 0x0b, 0x0b],
];

const when = (body: readonly number[]): number[] => [0x04, 0x40, ...body, 0x0b];

const whenLengthIsFrom = (bytes: number, body: readonly number[], otherwise: readonly number[]): number[] => [
  ...[...get(LENGTH), ...constant(bytes), isFrom],
  ...when([...body, 0x05, ...otherwise]),
];

/** What to do with the bytes at the address in a local, and the values they are to have. */
interface Take {
  /** `bytes` bytes, whose first 16 are those of the local `vector`. */
  piece(at: number, vector: number, bytes: number): number[];
  word(at: number, value: number): number[];
  byte(at: number, value: number): number[];
}

/** Takes a block of `bytes` bytes and more, up to its last whole word. */
const inPieces = ({ piece }: Take, bytes: number): number[] => [
  ...setLastPiece(bytes),
  ...until([...get(LAST_PIECE_AT), isFrom], bytes, piece(POINTER, NEXT, bytes)),
  ...piece(LAST_PIECE_AT, LAST_PIECE, bytes),
];

const inWords = ({ word }: Take): number[] =>
  until([...get(LAST_WORD_AT), isFrom], 4, [...word(POINTER, SEED), ...get(SEED), ...get(STEP), add, ...set(SEED)]);

/** The end of memory may be 2^32, which is 0. */
const inBytes = ({ byte }: Take): number[] =>
  until([...get(LAST_WORD_AT), ...constant(4), add, equal], 1, [
    ...byte(POINTER, SEED),
    ...[...get(SEED), ...constant(8), shiftRight, ...set(SEED)],
  ]);

const whole = (take: Take): number[] => {
  const few = whenLengthIsFrom(4, [...inWords(take), ...take.word(LAST_WORD_AT, LAST_WORD)], inBytes(take));
  const pieces = (bytes: number): number[] => [...inPieces(take, bytes), ...take.word(LAST_WORD_AT, LAST_WORD)];
  const many = [16, 32, 64].reduce((otherwise, bytes) => whenLengthIsFrom(bytes, pieces(bytes), otherwise), few);
  return [...SET_LAST_WORD, ...SET_VECTORS, ...many];
};

/** Runs `body` for every 16 bytes of a piece, whose offset it is given; `vector` is moved on each time. */
const inVectors = (bytes: number, vector: number, body: (offset: number) => readonly number[]): number[] =>
  [0, 16, 32, 48].flatMap((offset) =>
    offset < bytes ? [...body(offset), ...get(vector), ...get(DELTA), ...vectorAdd, ...set(vector)] : [],
  );

const returnIf = (at: number): number[] => when([...get(at), giveBack]);

/** The body of `fill`. */
export const FILL: readonly number[] = whole({
  piece: (at, vector, bytes) =>
    inVectors(bytes, vector, (offset) => [...get(at), ...get(vector), ...simd(0x0b), 0, offset]),
  word: (at, value) => [...get(at), ...get(value), 0x36, 0, 0],
  byte: (at, value) => [...get(at), ...get(value), 0x3a, 0, 0],
});

/** The body of `verify`. */
export const VERIFY: readonly number[] = [
  ...whole({
    piece: (at, vector, bytes) => [
      ...inVectors(bytes, vector, (offset) => [
        ...[...get(at), ...simd(0x00), 0, offset, ...get(vector), ...vectorXor],
        ...(offset > 0 ? vectorOr : []),
      ]),
      ...[...anyTrue, ...returnIf(at)],
    ],
    word: (at, value) => [...get(at), 0x28, 0, 0, ...get(value), differ, ...returnIf(at)],
    byte: (at, value) => [...get(at), 0x2d, 0, 0, ...get(value), ...constant(255), and, differ, ...returnIf(at)],
  }),
  ...constant(0),
];
