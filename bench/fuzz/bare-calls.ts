/** The same traces with no model and no check: what the allocator itself costs, called from JavaScript. */
import type { Subject } from '../../fuzz/subjects/subject.ts';
import { CODE } from '../../fuzz/trace/operation.ts';
import { SLOTS, STRIDE, type Trace } from '../../fuzz/trace/trace.ts';

const slots = new Uint32Array(SLOTS);
const sizes = new Uint32Array(SLOTS);

/** Runs `trace` on `subject` from its first state. Returns the last pointer. */
export function runBare(subject: Subject, trace: Trace): number {
  subject.restart();
  slots.fill(0);
  let pointer = 0;
  for (let at = 0; at < trace.length; at += STRIDE) {
    pointer = callBare(subject, trace[at] ?? 0, trace[at + 1] ?? 0, trace[at + 2] ?? 0);
  }
  return pointer;
}

function callBare(subject: Subject, code: number, slot: number, sizeBytes: number): number {
  const held = slots[slot] ?? 0;
  if (code === CODE.free) {
    subject.free(held, sizes[slot] ?? 0, 16);
    slots[slot] = 0;
    return 0;
  }
  if (code === CODE.malloc) return keep(slot, sizeBytes, subject.malloc(sizeBytes));
  const moved = subject.realloc(held, sizes[slot] ?? 0, 16, sizeBytes);
  return moved === 0 && held !== 0 ? held : keep(slot, sizeBytes, moved);
}

function keep(slot: number, sizeBytes: number, pointer: number): number {
  slots[slot] = pointer;
  sizes[slot] = sizeBytes;
  return pointer;
}
