/** Turns a trace into a program of its own, for people who have the allocator and not this project. */
import { emitC } from './emit-c.ts';
import { emitVitest } from './emit-vitest.ts';
import { emitZig } from './emit-zig.ts';
import type { TraceHeader } from './text.ts';
import type { Trace } from './trace.ts';

export type EmitLanguage = 'c' | 'zig' | 'vitest';

const EMITTERS = { c: emitC, zig: emitZig, vitest: emitVitest } as const;

/** True when `text` names a language that `emit` writes. */
export function isEmitLanguage(text: string): text is EmitLanguage {
  return Object.hasOwn(EMITTERS, text);
}

/**
 * The source of a program that runs `trace` and fails where the law breaks. Throws RangeError for reads and writes of
 * memory in `c` and `zig`, which have no such operations.
 */
export function emit(trace: Trace, header: TraceHeader, language: EmitLanguage): string {
  return EMITTERS[language](trace, header);
}
