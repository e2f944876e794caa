/**
 * A heap in ordinary use, for doing something forbidden to it and seeing what comes of that.
 *
 * Everything but the one misuse is legal, so whatever breaks afterwards is the misuse's doing.
 */
import { memoryBytesOf, type Subject } from '../subjects/subject.ts';

export interface BenchBlock {
  readonly pointer: number;
  readonly sizeBytes: number;
  /** The byte that fills it. */
  readonly fill: number;
}

/** Thrown when two blocks that nobody misused share a byte, or one of them changed, or a plain request is refused. */
export class Aftermath extends Error {
  override name = 'Aftermath';
  readonly outcome: 'overlaps' | 'corrupts' | 'refuses';

  constructor(outcome: Aftermath['outcome'], message: string) {
    super(message);
    this.outcome = outcome;
  }
}

/** Bytes from 0x80 up: no small size and no pointer into a small memory looks like them. */
const FIRST_FILL = 0x80;

export class Workbench {
  readonly subject: Subject;
  /** Blocks that hold what was written into them, and must go on doing so. */
  readonly live: BenchBlock[] = [];
  #made = 0;

  constructor(subject: Subject) {
    this.subject = subject;
    subject.restart();
  }

  /** A block that is filled and watched. Throws Aftermath when it overlaps another, or is refused. */
  make(sizeBytes: number): BenchBlock {
    const pointer = this.subject.malloc(sizeBytes) >>> 0;
    if (pointer === 0) throw new Aftermath('refuses', `malloc ${sizeBytes} was refused in a heap with room`);
    const block = { pointer, sizeBytes, fill: FIRST_FILL + (this.#made++ % 120) };
    this.#judgePlace(block);
    this.fill(block);
    this.live.push(block);
    return block;
  }

  /** Frees a block legally. Throws Aftermath when it had changed. */
  free(block: BenchBlock): void {
    this.verify(block);
    this.forget(block);
    this.release(block.pointer, block.sizeBytes);
  }

  /** Calls free with whatever is given. */
  release(pointer: number, sizeBytes: number): void {
    this.subject.free(pointer, sizeBytes, this.subject.profile.alignmentBytes);
  }

  /** The block is no longer watched. */
  forget(block: BenchBlock): void {
    const place = this.live.indexOf(block);
    if (place >= 0) this.live.splice(place, 1);
  }

  fill({ pointer, sizeBytes, fill }: BenchBlock): void {
    this.bytes().fill(fill, pointer, pointer + sizeBytes);
  }

  /** Throws Aftermath when the block does not hold what was written. */
  verify({ pointer, sizeBytes, fill }: BenchBlock): void {
    const offset = this.bytes()
      .subarray(pointer, pointer + sizeBytes)
      .findIndex((byte) => byte !== fill);
    if (offset < 0) return;
    throw new Aftermath('corrupts', `byte ${offset} of a block of ${sizeBytes} that nobody misused changed`);
  }

  verifyAll(): void {
    for (const block of this.live) this.verify(block);
  }

  bytes(): Uint8Array {
    return new Uint8Array(this.subject.memory.buffer, 0, memoryBytesOf(this.subject));
  }

  #judgePlace({ pointer, sizeBytes }: BenchBlock): void {
    const end = pointer + sizeBytes;
    if (end > this.bytes().length) throw new Aftermath('overlaps', `a block of ${sizeBytes} ends outside memory`);
    const other = this.live.find((block) => block.pointer < end && pointer < block.pointer + block.sizeBytes);
    if (other === undefined) return;
    throw new Aftermath('overlaps', `blocks of ${other.sizeBytes} and ${sizeBytes} that nobody misused share bytes`);
  }
}
