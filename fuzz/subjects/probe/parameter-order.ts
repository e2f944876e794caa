/**
 * Whether hand-written functions take the alignment before the size: types do not say, what they hand out does.
 *
 * The usual order is kept unless another explains more of what is seen: a faulty allocator in the usual order must not
 * look like a sound one in another.
 */
import type { PreparedModule } from '../../wasm/prepare.ts';
import { type Detection, signature } from '../abi/abi.ts';
import { ModuleSubject } from '../module-subject.ts';
import { attempt, type ProbeBlock, release } from './attempt.ts';
import { unknownProfile } from './unknown-profile.ts';

const ABIS = ['pair', 'alloc', 'stack'];
const BLOCKS = 4;
const SMALL_BYTES = 8;
/** Sizes that are no alignments, so that a function in the other order refuses or garbles them; few fit small arenas. */
const ODD_BYTES = 3000;
const LARGER_ODD_BYTES = [20_000, 100_000];
const LARGE_ALIGNMENT_BYTES = 4096;

/** `detection`, with the roles whose alignment comes first. Throws CannotInstantiate. */
export function withParameterOrder(prepared: PreparedModule, detection: Detection): Detection {
  if (!ABIS.includes(detection.abi)) return detection;
  return new Ordering(prepared, detection).settled();
}

class Ordering {
  readonly #prepared: PreparedModule;
  readonly #detection: Detection;
  readonly #usual: ModuleSubject;

  constructor(prepared: PreparedModule, detection: Detection) {
    this.#prepared = prepared;
    this.#detection = detection;
    this.#usual = this.#subject([]);
  }

  settled(): Detection {
    const first = this.#takes('alloc', 2) ? this.#orderOfAlloc() : [];
    const roles = this.#more('realloc', 4, this.#more('dealloc', 3, first, takesBack), keepsBytes);
    if (roles.length === 0) return this.#detection;
    const { names, why } = this.#detection;
    const said = roles.map((role) => `${names[role]} takes the alignment before the size, as its answers show`);
    return { ...this.#detection, alignmentFirst: roles, why: [...why, ...said] };
  }

  #orderOfAlloc(): readonly string[] {
    return scoreOf(this.#subject(['alloc'])) > scoreOf(this.#usual) ? ['alloc'] : [];
  }

  /** `known`, and `role` too: where alloc is so unless only the usual order `works`, else where only the other does. */
  #more(role: string, params: number, known: readonly string[], works: (subject: ModuleSubject) => boolean) {
    if (!this.#takes(role, params)) return known;
    const both = [known, [...known, role]] as const;
    const [likely, other] = known.includes('alloc') ? [both[1], both[0]] : both;
    return !works(this.#subject(likely)) && works(this.#subject(other)) ? other : likely;
  }

  #takes(role: string, params: number): boolean {
    const name = this.#detection.names[role];
    if (name === undefined) return false;
    const type = this.#usual.access().typeOf(name);
    return type === signature(params, 0) || type === signature(params, 1);
  }

  #subject(alignmentFirst: readonly string[]): ModuleSubject {
    const detection = { ...this.#detection, alignmentFirst };
    return new ModuleSubject('probe', this.#prepared, detection, unknownProfile(this.#prepared));
  }
}

/** Of what holds for the right order, how much is seen. */
function scoreOf(subject: ModuleSubject): number {
  const seen = [
    () => areApart(allocated(subject, SMALL_BYTES, LARGE_ALIGNMENT_BYTES)),
    () => areApart(allocated(subject, SMALL_BYTES, ODD_BYTES)),
    ...LARGER_ODD_BYTES.map((sizeBytes) => () => areApart(allocated(subject, SMALL_BYTES, sizeBytes, 2), 2)),
    () => {
      const blocks = allocated(subject, LARGE_ALIGNMENT_BYTES, SMALL_BYTES);
      return blocks.length === BLOCKS && blocks.every(({ pointer }) => pointer % LARGE_ALIGNMENT_BYTES === 0);
    },
  ];
  return seen.filter((holds) => attempt(subject, false, holds)).length;
}

function allocated(subject: ModuleSubject, alignmentBytes: number, sizeBytes: number, count = BLOCKS): ProbeBlock[] {
  const blocks = Array.from({ length: count }, () => subject.alignedAlloc(alignmentBytes, sizeBytes));
  return blocks.filter((pointer) => pointer !== 0).map((pointer) => ({ pointer, sizeBytes }));
}

/** All `count` were granted, and none lies in another. */
function areApart(blocks: readonly ProbeBlock[], count = BLOCKS): boolean {
  const sorted = [...blocks].sort((left, right) => left.pointer - right.pointer);
  const endsBefore = ({ pointer, sizeBytes }: ProbeBlock, next: ProbeBlock | undefined) =>
    next === undefined || pointer + sizeBytes <= next.pointer;
  return blocks.length === count && sorted.every((block, index) => endsBefore(block, sorted[index + 1]));
}

/** Blocks of an odd size are handed out again once they are freed. */
function takesBack(subject: ModuleSubject): boolean {
  return attempt(subject, false, () => {
    const { alignmentBytes } = subject.profile;
    const freed = allocated(subject, alignmentBytes, ODD_BYTES);
    for (const block of freed) release(subject, block);
    const again = allocated(subject, alignmentBytes, ODD_BYTES);
    const isOld = ({ pointer }: ProbeBlock) => freed.some((block) => block.pointer === pointer);
    return areApart(again) && again.some(isOld);
  });
}

const OLD_BYTES = 40;

/** A block that is enlarged keeps all its bytes: a size taken for an alignment loses some. */
function keepsBytes(subject: ModuleSubject): boolean {
  return attempt(subject, false, () => {
    const from = subject.malloc(OLD_BYTES);
    const written = Uint8Array.from({ length: OLD_BYTES }, (_, index) => index + 1);
    new Uint8Array(subject.memory.buffer).set(written, from);
    const to = subject.realloc(from, OLD_BYTES, subject.profile.alignmentBytes, ODD_BYTES);
    const kept = new Uint8Array(subject.memory.buffer, to, OLD_BYTES);
    return to !== 0 && written.every((byte, index) => kept[index] === byte);
  });
}
