/**
 * A refused use of linear memory: a range that is not inside it, a growth it does not allow, a request no allocator can
 * meet. A call that throws one has changed nothing.
 */
export class MemoryError extends Error {
  override readonly name = 'MemoryError';
  /** The address the refused call was about, as it was given; undefined where there is none. */
  readonly ptr: number | undefined;
  /** The bytes the refused call was about, as they were given; undefined where there are none. */
  readonly length: number | undefined;

  constructor(message: string, ptr?: number, length?: number) {
    super(message);
    this.ptr = ptr;
    this.length = length;
  }
}
