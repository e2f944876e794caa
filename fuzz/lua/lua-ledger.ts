/**
 * What a Lua state holds, by the calls of lua_alloc alone: every live block and the sum of nsize - osize.
 *
 * It also holds both sides to lua_Alloc's contract: Lua must name blocks that are live with the size they have, and the
 * allocator may refuse nothing that shrinks.
 */
import type { AllocationTap } from './tapped-lua.ts';

export class LuaLedger {
  /** Sizes of the live blocks by pointer, in bytes. */
  readonly blocks = new Map<number, number>();
  /** Sum of nsize - osize over all calls, in bytes. */
  liveBytes = 0;
  /** The first breach of lua_Alloc's contract, as a sentence. */
  breach: string | undefined;

  /** Keeps the account of what `tap` answers. */
  watching(tap: AllocationTap): AllocationTap {
    return (pointer, oldBytes, newBytes, next) => {
      const heldBytes = this.#heldBytes(pointer, oldBytes);
      const answer = tap(pointer, oldBytes, newBytes, next);
      this.#account(pointer, heldBytes, newBytes, answer);
      return answer;
    };
  }

  /** Forgets everything, as a reset of the module does. */
  clear(): void {
    this.blocks.clear();
    this.liveBytes = 0;
  }

  /** The first pair of live blocks that share a byte, or the first that ends past `memoryBytes`; undefined when none. */
  overlap(memoryBytes: number): string | undefined {
    const inOrder = [...this.blocks].sort(([a], [b]) => a - b);
    for (const [index, [pointer, size]] of inOrder.entries()) {
      const limit = inOrder[index + 1]?.[0] ?? memoryBytes;
      if (pointer + size > limit) return `the block of ${size} bytes at ${pointer} reaches past ${limit}`;
    }
    return undefined;
  }

  #heldBytes(pointer: number, oldBytes: number): number {
    if (pointer === 0) return 0;
    const held = this.blocks.get(pointer);
    if (held === oldBytes) return held;
    this.#report(`Lua names a block of ${oldBytes} bytes at ${pointer}, where it has ${held ?? 'none'}`);
    return held ?? 0;
  }

  #account(pointer: number, heldBytes: number, newBytes: number, answer: number): void {
    if (answer === 0 && newBytes > 0) return this.#refused(heldBytes, newBytes);
    if (answer !== 0 && newBytes === 0) this.#report(`a free of ${pointer} was answered ${answer}, expected NULL`);
    if (pointer !== 0) this.blocks.delete(pointer);
    if (this.blocks.has(answer)) this.#report(`the block at ${answer} was handed out twice`);
    if (answer !== 0) this.blocks.set(answer, newBytes);
    this.liveBytes += newBytes - heldBytes;
  }

  #refused(heldBytes: number, newBytes: number): void {
    if (newBytes <= heldBytes) this.#report(`shrinking a block from ${heldBytes} to ${newBytes} bytes was refused`);
  }

  #report(breach: string): void {
    this.breach ??= breach;
  }
}
