/**
 * A trace under way: packed words, a guess of which slots are full, and this trace's own habits.
 *
 * Habits are drawn once a trace (swarm testing, Groce et al. 2012): some operations are off, the others weighted at
 * random, and sizes come from a palette of at most 16. A trace that does few things meets states that an even mixture
 * hides: a heap that is never freed, one that holds a single size, one that only reallocates.
 */
import type { Profile } from '../model/profile.ts';
import { kindOf, wordAt } from './operand-positions.ts';
import { CODE, type Operand, type OperationKind, operandsOf } from './operation.ts';
import type { Random } from './random.ts';
import { SizeClasses } from './size-classes.ts';
import { SLOTS, STRIDE, type Trace } from './trace.ts';

/** How often an operation is wanted when it is on, against the others. */
const WEIGHTS: Partial<Record<OperationKind, number>> = {
  malloc: 64,
  calloc: 24,
  realloc: 48,
  free: 64,
  aligned_alloc: 24,
  mark: 12,
  pop: 12,
  reset: 3,
  grow: 3,
  run: 8,
};
/** Reads and writes of memory, where a subject has them. */
const ACCESS_WEIGHT = 16;
/** What a trace makes of a weight, in quarters; half of the operations of a kind are rarer or off. */
const SWARM = Uint32Array.of(0, 0, 1, 2, 4, 4, 4, 16);
const LOTTERY = 64;
const PALETTE = 16;
/** Sizes up to this do not count against a trace's budget of bytes. */
const SMALL_BYTES = 512;
/**
 * Bytes an ordinary trace may ask for in larger blocks: it would spend its time filling them otherwise. A page and a
 * half, so that one block beside a page edge is among them.
 */
const ORDINARY_BUDGET_BYTES = 98304;
/** Arenas up to this are filled by one trace in 16, larger ones by one in 2,048. */
const MODEST_ARENA_BYTES = 2 ** 21;
const LARGEST_BUDGET_BYTES = 2 ** 28;

const STYLES = ['tiny', 'one', 'few', 'mixed', 'large', 'border'] as const;
type Style = (typeof STYLES)[number];

/** Operations that are hot here, as numbers; those up to `aligned_alloc` work on a slot. */
const { calloc: CALLOC, realloc: REALLOC, free: FREE, aligned_alloc: ALIGNED_ALLOC } = CODE;

/** Operations that give a block. */
const ALLOCATING: readonly OperationKind[] = ['malloc', 'calloc', 'aligned_alloc', 'realloc'];

export class Draft {
  readonly classes: SizeClasses;
  /** How many slots this trace draws from, a power of two. */
  slotCount = SLOTS;
  random: Random;
  readonly #codes: Choices;
  readonly #allocating: Choices;
  readonly #hasMalloc: boolean;
  readonly #scriptCount: number;
  readonly #full = new Uint8Array(SLOTS);
  readonly #operations = new Uint32Array(LOTTERY);
  readonly #allocations = new Uint32Array(LOTTERY);
  readonly #palette = new Uint32Array(PALETTE);
  #style: Style = 'mixed';
  #freshInEight = 0;
  #budgetBytes = 0;
  #lavish = false;
  #words = new Uint32Array(1024 * STRIDE);
  #length = 0;
  #limit = 0;
  #most = 0;

  constructor(profile: Profile, scriptCount: number, random: Random) {
    this.classes = new SizeClasses(profile);
    this.random = random;
    this.#scriptCount = scriptCount;
    const kinds = profile.operations.filter((kind) => kind !== 'run' || scriptCount > 0);
    this.#codes = choicesOf(kinds);
    this.#hasMalloc = kinds.includes('malloc');
    this.#allocating = choicesOf(kinds.filter((kind) => ALLOCATING.includes(kind)));
  }

  /** Starts a trace of at most `operations` operations, with habits of its own; `lengthen` makes that `most`. */
  begin(random: Random, operations: number, most: number): void {
    this.random = random;
    this.#length = 0;
    // A subject without operations gets empty traces.
    this.#limit = this.#codes.codes.length === 0 ? 0 : operations * STRIDE;
    this.#most = this.#codes.codes.length === 0 ? 0 : most * STRIDE;
    if (this.#words.length < this.#most) this.#words = new Uint32Array(this.#most);
    this.#full.fill(0);
    this.slotCount = 1 << random.pick(SLOT_BITS);
    drawLottery(this.#operations, this.#codes, random);
    drawLottery(this.#allocations, this.#allocating, random);
    this.#drawBudget();
    this.#drawSizes();
  }

  /** The finished trace. */
  end(): Trace {
    return this.#words.slice(0, this.#length);
  }

  /** Operations that still fit. */
  room(): number {
    return (this.#limit - this.#length) / STRIDE;
  }

  /** Gives the trace all the operations a trace may have. */
  lengthen(): void {
    this.#limit = this.#most;
  }

  /** Whether the subject has `code`. */
  has(code: number): boolean {
    return this.#codes.codes.includes(code);
  }

  /** Whether the subject can give blocks at all. */
  allocates(): boolean {
    return this.#allocating.codes.length > 0;
  }

  /** Whether this trace may fill the arena. */
  mayExhaust(): boolean {
    return this.#budgetBytes >= this.classes.capacityBytes;
  }

  isFull(slot: number): boolean {
    return this.#full[slot] === 1;
  }

  /** Appends an operation; nothing when the trace is as long as it may be. */
  put(code: number, first = 0, second = 0, third = 0): void {
    const at = this.#length;
    if (at === this.#limit) return;
    const words = this.#words;
    words[at] = code;
    words[at + 1] = first;
    words[at + 2] = second;
    words[at + 3] = third;
    this.#length = at + STRIDE;
  }

  /** Appends the last `operations` operations again. */
  repeat(operations: number): void {
    const length = Math.min(operations * STRIDE, this.#length, this.#limit - this.#length);
    this.#words.copyWithin(this.#length, this.#length - length, this.#length);
    this.#length += length;
  }

  /** A size in this trace's style; once in 32 one that no style would give. */
  size(): number {
    const word = this.random.word();
    if ((word & 31) === 0) return this.#oddSize(word >>> 5);
    if (((word >>> 5) & 7) >= this.#freshInEight)
      return this.afford(wordAt(this.#palette, (word >>> 8) & (PALETTE - 1)));
    return this.afford(this.#freshSize());
  }

  /** `wantedBytes`, or a small size when the trace has asked for enough bytes already. Impossible sizes cost nothing. */
  afford(wantedBytes: number): number {
    if (wantedBytes > this.classes.arenaBytes) return wantedBytes;
    const sizeBytes = this.classes.fitting(this.random, wantedBytes);
    if (sizeBytes <= SMALL_BYTES) return sizeBytes;
    if (sizeBytes > this.#budgetBytes) return 1 + (sizeBytes % SMALL_BYTES);
    this.#budgetBytes -= sizeBytes;
    return sizeBytes;
  }

  /** Appends one operation, drawn by this trace's weights. */
  operate(): void {
    const word = this.random.word();
    const code = wordAt(this.#operations, word & (LOTTERY - 1));
    if (code === FREE) this.free(this.#slotThatIs(1, word >>> 8));
    else if (code === REALLOC) this.reallocate(this.#slotThatIs(1, word >>> 8), this.size());
    else if (code <= ALIGNED_ALLOC) this.#allocateWith(code, this.#slotThatIs(0, word >>> 8));
    else this.#putOther(code);
  }

  /** Appends an operation that gives a block, drawn by this trace's weights. */
  allocate(slot: number): void {
    this.#allocateWith(wordAt(this.#allocations, this.random.word() & (LOTTERY - 1)), slot);
  }

  /** Appends a malloc, or what the subject has in its place. */
  malloc(slot: number, sizeBytes: number): void {
    this.#full[slot] = 1;
    if (this.#hasMalloc) this.put(CODE.malloc, slot, sizeBytes);
    else this.#allocateWith(wordAt(this.#allocating.codes, 0), slot);
  }

  /** Appends what asks for `sizeBytes` bytes with `code`; a malloc where the subject has no such operation. */
  allocateAs(code: number, slot: number, sizeBytes: number, alignmentBytes: number): void {
    if (!this.has(code) || code === CODE.malloc) return this.malloc(slot, sizeBytes);
    this.#full[slot] = 1;
    if (code === CALLOC) this.put(code, slot, 1, sizeBytes);
    else this.put(code, slot, alignmentBytes, sizeBytes);
  }

  reallocate(slot: number, sizeBytes: number): void {
    this.#full[slot] = sizeBytes === 0 ? 0 : 1;
    this.put(REALLOC, slot, sizeBytes);
  }

  free(slot: number): void {
    this.#full[slot] = 0;
    this.put(FREE, slot);
  }

  /** Takes every slot as empty: after a reset, or a pop. */
  forgetSlots(): void {
    this.#full.fill(0);
  }

  /** A slot of this trace's set, full if one of three tries finds one. */
  usedSlot(): number {
    return this.#slotThatIs(1, this.random.word());
  }

  /** A slot of this trace's set, empty if one of three tries finds one. */
  emptySlot(): number {
    return this.#slotThatIs(0, this.random.word());
  }

  /** Tries the three low bytes of `word`. */
  #slotThatIs(state: number, word: number): number {
    const mask = this.slotCount - 1;
    const full = this.#full;
    const first = word & mask;
    if (full[first] === state) return first;
    const second = (word >>> 8) & mask;
    if (full[second] === state) return second;
    return (word >>> 16) & mask;
  }

  #allocateWith(code: number, slot: number): void {
    this.#full[slot] = 1;
    if (code === CALLOC) this.#calloc(slot);
    else if (code === ALIGNED_ALLOC) this.put(code, slot, this.classes.alignment(this.random), this.size());
    else this.put(code, slot, this.size());
  }

  #calloc(slot: number): void {
    const word = this.random.word();
    if ((word & 31) === 0) {
      const [count, sizeBytes] = this.classes.wrappingProduct(this.random);
      return this.put(CALLOC, slot, count, sizeBytes);
    }
    const total = this.size();
    const count = word & 96 ? 1 + ((word >>> 8) & 15) : 1;
    const each = total < count ? total : Math.floor(total / count);
    if (word & 128) this.put(CALLOC, slot, count, each);
    else this.put(CALLOC, slot, each, count);
  }

  #putOther(code: number): void {
    const { random } = this;
    if (code === CODE.run) return this.put(code, random.below(this.#scriptCount));
    if (code === CODE.grow) return this.put(code, this.#growPages());
    if (code === CODE.reset || code === CODE.pop) this.forgetSlots();
    const [first, second, third] = operandsOf(kindOf(code)).map((operand) => this.#operand(operand));
    this.put(code, first, second, third);
  }

  #operand(operand: Operand): number {
    if (operand === 'address') return this.classes.address(this.random);
    return operand === 'word' ? this.random.word() : this.size();
  }

  #growPages(): number {
    return this.random.oneIn(16) ? this.random.pick(ODD_PAGES) : 1 + this.random.below(2);
  }

  #oddSize(word: number): number {
    const { classes, random } = this;
    switch (word & 7) {
      case 0:
        return 0;
      case 1:
      case 2:
        return this.#border(classes.border(random));
      case 3:
        return this.#border(classes.arenaBorder(random));
      case 4:
        return classes.impossible(random);
      case 5:
        return this.afford(classes.large(random));
      case 6:
        return word & 8 ? 0 : 1;
      default:
        return this.afford(classes.mixed(random));
    }
  }

  /** In a lavish trace a size of any border is asked for, whatever it costs. */
  #border(sizeBytes: number): number {
    return this.#lavish ? sizeBytes : this.afford(sizeBytes);
  }

  #drawBudget(): void {
    const { arenaBytes } = this.classes;
    const generous = this.random.oneIn(arenaBytes <= MODEST_ARENA_BYTES ? 16 : 2048);
    const wholeBytes = Math.min(Math.ceil(arenaBytes * 1.5), LARGEST_BUDGET_BYTES);
    this.#lavish = arenaBytes <= MODEST_ARENA_BYTES && this.random.oneIn(6);
    this.#budgetBytes = generous ? wholeBytes : ORDINARY_BUDGET_BYTES;
  }

  #drawSizes(): void {
    const { random } = this;
    this.#style = random.pick(STYLES);
    const colours = this.#style === 'one' ? 1 : this.#style === 'few' ? random.between(2, 6) : PALETTE;
    this.#freshInEight = this.#style === 'one' || this.#style === 'few' ? 0 : random.below(8);
    for (let index = 0; index < PALETTE; index++) {
      this.#palette[index] = index < colours ? this.#freshSize() : wordAt(this.#palette, index % colours);
    }
  }

  #freshSize(): number {
    const { classes, random } = this;
    switch (this.#style) {
      case 'tiny':
        return classes.tiny(random);
      case 'large':
        return classes.large(random);
      case 'border':
        return classes.border(random);
      case 'mixed':
        return classes.mixed(random);
      default:
        return random.oneIn(3)
          ? classes.border(random)
          : random.oneIn(2)
            ? classes.mixed(random)
            : classes.tiny(random);
    }
  }
}

/** Slots a trace names: 1 to 256, most often few, so that they are used again. */
const SLOT_BITS = [0, 1, 2, 2, 3, 3, 4, 4, 5, 6, 8, 8] as const;
/** None, many, all there are, and more. */
const ODD_PAGES = [0, 3, 16, 64, 65535, 65536, 2 ** 32 - 1] as const;

/** Fills `table` with codes in proportion to weights drawn for this trace; some codes get none. */
function drawLottery(table: Uint32Array, choices: Choices, random: Random): void {
  const { codes, weights, drawn } = choices;
  if (codes.length === 0) return;
  const total = drawWeights(weights, drawn, random);
  if (total === 0) {
    table.fill(wordAt(codes, random.below(codes.length)));
    return;
  }
  let at = 0;
  let sum = 0;
  for (let index = 0; index < codes.length; index++) {
    sum += wordAt(drawn, index);
    const end = Math.round((sum / total) * LOTTERY);
    while (at < end) table[at++] = wordAt(codes, index);
  }
}

function drawWeights(weights: Uint32Array, drawn: Uint32Array, random: Random): number {
  let total = 0;
  let word = 0;
  for (let index = 0; index < weights.length; index++) {
    // Ten draws of three bits a word.
    word = index % 10 === 0 ? random.word() : word >>> 3;
    const weight = wordAt(weights, index) * wordAt(SWARM, word & 7);
    drawn[index] = weight;
    total += weight;
  }
  return total;
}

/** Operations with their weights; `drawn` is scratch. */
interface Choices {
  readonly codes: Uint32Array;
  readonly weights: Uint32Array;
  readonly drawn: Uint32Array;
}

function choicesOf(kinds: readonly OperationKind[]): Choices {
  const weights = Uint32Array.from(kinds, (kind) => WEIGHTS[kind] ?? ACCESS_WEIGHT);
  return { codes: Uint32Array.from(kinds, (kind) => CODE[kind]), weights, drawn: new Uint32Array(kinds.length) };
}
