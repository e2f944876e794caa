/**
 * A trace under way: packed words, a guess of which slots are full, and this trace's own habits.
 *
 * Habits are drawn once a trace (swarm testing, Groce et al. 2012): some operations are off, the others weighted at
 * random, and sizes come from a palette of at most 16. A trace that does few things meets states that an even mixture
 * hides: a heap that is never freed, one that holds a single size, one that only reallocates.
 */
import type { Profile } from '../model/profile.ts';
import { CODE, OPERATION_KINDS, type Operand, type OperationKind, operandsOf } from './operation.ts';
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
const SWARM = [0, 0, 1, 2, 4, 4, 4, 16] as const;
const LOTTERY = 64;
const PALETTE = 16;
/** Sizes up to this do not count against a trace's budget of bytes. */
const SMALL_BYTES = 512;
/** Bytes an ordinary trace may ask for in larger blocks: it would spend its time filling them otherwise. */
const ORDINARY_BUDGET_BYTES = 65536;
/** Arenas up to this are filled by one trace in 16, larger ones by one in 2,048. */
const MODEST_ARENA_BYTES = 2 ** 21;
const LARGEST_BUDGET_BYTES = 2 ** 28;

const STYLES = ['tiny', 'one', 'few', 'mixed', 'large', 'border'] as const;
type Style = (typeof STYLES)[number];

/** Operations that give a block. */
const ALLOCATING: readonly OperationKind[] = ['malloc', 'calloc', 'aligned_alloc', 'realloc'];

export class Draft {
  readonly classes: SizeClasses;
  /** The first slot that `fill` will use, and how many slots this trace names. */
  slotCount = SLOTS;
  random: Random;
  readonly #codes: readonly number[];
  readonly #allocating: readonly number[];
  readonly #scriptCount: number;
  readonly #full = new Uint8Array(SLOTS);
  readonly #operations = new Uint8Array(LOTTERY);
  readonly #allocations = new Uint8Array(LOTTERY);
  readonly #palette = new Uint32Array(PALETTE);
  #style: Style = 'mixed';
  #freshInEight = 0;
  #budgetBytes = 0;
  #words = new Uint32Array(1024 * STRIDE);
  #length = 0;
  #limit = 0;

  constructor(profile: Profile, scriptCount: number, random: Random) {
    this.classes = new SizeClasses(profile);
    this.random = random;
    this.#scriptCount = scriptCount;
    const kinds = profile.operations.filter((kind) => kind !== 'run' || scriptCount > 0);
    this.#codes = kinds.map((kind) => CODE[kind]);
    this.#allocating = kinds.filter((kind) => ALLOCATING.includes(kind)).map((kind) => CODE[kind]);
  }

  /** Starts a trace of at most `operations` operations, with habits of its own. */
  begin(random: Random, operations: number): void {
    this.random = random;
    this.#length = 0;
    this.#limit = operations * STRIDE;
    if (this.#words.length < this.#limit) this.#words = new Uint32Array(this.#limit);
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

  /** Whether the subject has `code`. */
  has(code: number): boolean {
    return this.#codes.includes(code);
  }

  /** Whether the subject can give blocks at all. */
  allocates(): boolean {
    return this.#allocating.length > 0;
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
    if (((word >>> 5) & 7) >= this.#freshInEight) return this.afford(this.#palette[(word >>> 8) & (PALETTE - 1)] ?? 1);
    return this.afford(this.#freshSize());
  }

  /** `sizeBytes`, or a small size when the trace has asked for enough bytes already. Impossible sizes cost nothing. */
  afford(sizeBytes: number): number {
    if (sizeBytes <= SMALL_BYTES || sizeBytes > this.classes.arenaBytes) return sizeBytes;
    if (sizeBytes > this.#budgetBytes) return 1 + (sizeBytes % SMALL_BYTES);
    this.#budgetBytes -= sizeBytes;
    return sizeBytes;
  }

  /** Appends one operation, drawn by this trace's weights. */
  operate(): void {
    const code = this.#operations[this.random.word() & (LOTTERY - 1)] ?? 0;
    if (code === CODE.free) return this.free(this.usedSlot());
    if (code === CODE.realloc) return this.reallocate(this.usedSlot(), this.size());
    if (code === CODE.malloc || code === CODE.calloc || code === CODE.aligned_alloc) {
      return this.#allocateWith(code, this.emptySlot());
    }
    this.#putOther(code);
  }

  /** Appends an operation that gives a block, drawn by this trace's weights. */
  allocate(slot: number): void {
    this.#allocateWith(this.#allocations[this.random.word() & (LOTTERY - 1)] ?? 0, slot);
  }

  /** Appends a malloc, or what the subject has in its place. */
  malloc(slot: number, sizeBytes: number): void {
    this.#full[slot] = 1;
    if (this.has(CODE.malloc)) this.put(CODE.malloc, slot, sizeBytes);
    else this.#allocateWith(this.#allocating[0] ?? 0, slot);
  }

  reallocate(slot: number, sizeBytes: number): void {
    this.#full[slot] = sizeBytes === 0 ? 0 : 1;
    this.put(CODE.realloc, slot, sizeBytes);
  }

  free(slot: number): void {
    this.#full[slot] = 0;
    this.put(CODE.free, slot);
  }

  /** Takes every slot as empty: after a reset, or a pop. */
  forgetSlots(): void {
    this.#full.fill(0);
  }

  /** A slot of this trace's set, full if one of four tries finds one. */
  usedSlot(): number {
    return this.#slotThatIs(1);
  }

  /** A slot of this trace's set, empty if one of four tries finds one. */
  emptySlot(): number {
    return this.#slotThatIs(0);
  }

  #slotThatIs(state: number): number {
    const mask = this.slotCount - 1;
    const first = this.random.word();
    for (let index = 0; index < 4; index++) {
      const slot = (first >>> (index * 8)) & mask;
      if (this.#full[slot] === state) return slot;
    }
    return first & mask;
  }

  #allocateWith(code: number, slot: number): void {
    this.#full[slot] = 1;
    if (code === CODE.calloc) return this.#calloc(slot);
    if (code === CODE.aligned_alloc) return this.put(code, slot, this.classes.alignment(this.random), this.size());
    this.put(code, slot, this.size());
  }

  #calloc(slot: number): void {
    const { random } = this;
    if (random.oneIn(24)) {
      const [count, sizeBytes] = this.classes.wrappingProduct(random);
      return this.put(CODE.calloc, slot, count, sizeBytes);
    }
    const total = this.size();
    const count = random.oneIn(3) ? 1 : 1 + random.below(Math.min(total + 1, 16));
    const each = Math.floor(total / count);
    if (random.oneIn(2)) this.put(CODE.calloc, slot, count, each);
    else this.put(CODE.calloc, slot, each, count);
  }

  #putOther(code: number): void {
    const { random } = this;
    if (code === CODE.run) return this.put(code, random.below(this.#scriptCount));
    if (code === CODE.grow) return this.put(code, this.#growPages());
    if (code === CODE.reset || code === CODE.pop) this.forgetSlots();
    const [first, second, third] = operandsOf(OPERATION_KINDS[code] ?? 'mark').map((operand) => this.#operand(operand));
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
        return this.afford(classes.border(random));
      case 3:
        return this.#arenaBorder();
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

  /** Beyond the budget where the arena is modest: a heap that refuses is cheap, and one that wrongly agrees is found. */
  #arenaBorder(): number {
    const sizeBytes = this.classes.arenaBorder(this.random);
    return this.classes.arenaBytes <= MODEST_ARENA_BYTES ? sizeBytes : this.afford(sizeBytes);
  }

  #drawBudget(): void {
    const { arenaBytes } = this.classes;
    const generous = this.random.oneIn(arenaBytes <= MODEST_ARENA_BYTES ? 16 : 2048);
    const wholeBytes = Math.min(Math.ceil(arenaBytes * 1.5), LARGEST_BUDGET_BYTES);
    this.#budgetBytes = generous ? wholeBytes : ORDINARY_BUDGET_BYTES;
  }

  #drawSizes(): void {
    const { random } = this;
    this.#style = random.pick(STYLES);
    const colours = this.#style === 'one' ? 1 : this.#style === 'few' ? random.between(2, 6) : PALETTE;
    this.#freshInEight = this.#style === 'one' || this.#style === 'few' ? 0 : random.below(8);
    for (let index = 0; index < PALETTE; index++) {
      this.#palette[index] = index < colours ? this.#freshSize() : (this.#palette[index % colours] ?? 1);
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
function drawLottery(table: Uint8Array, codes: readonly number[], random: Random): void {
  const weights = codes.map((code) => weightOf(code) * random.pick(SWARM));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (total === 0) {
    table.fill(codes.length > 0 ? random.pick(codes) : 0);
    return;
  }
  let at = 0;
  let sum = 0;
  codes.forEach((code, index) => {
    sum += weights[index] ?? 0;
    const end = Math.round((sum / total) * LOTTERY);
    table.fill(code, at, end);
    at = end;
  });
}

function weightOf(code: number): number {
  return WEIGHTS[OPERATION_KINDS[code] ?? 'malloc'] ?? ACCESS_WEIGHT;
}
