/** Everything a command needs from outside, so that a test can hand in its own. */
import type { Crew } from '../engine/crew.ts';

export interface Surroundings {
  /** Standard output: results. */
  out(text: string): void;
  /** Standard error: progress and complaints. */
  err(text: string): void;
  /** Whether standard error is a terminal, on which a panel can be drawn. */
  readonly isTerminal: boolean;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Calls `handler` when somebody wants the run to end; returns how to take that back. */
  onInterrupt(handler: () => void): () => void;
  /** Starts `workers` workers; without a number as many as there are cores. */
  startCrew(workers: number | undefined, timeoutSeconds: number): Crew;
  /** Builds the named modules of `wasm/dist` that are missing or stale. */
  prepare(modules: readonly string[]): Promise<void>;
  /** The directory that holds `corpus/`. */
  readonly packageDirectory: string;
  /** How the program is called, as in `npm run fuzz --`. */
  readonly command: string;
  readonly version: string;
}

/** Exit codes, those of libFuzzer (FuzzerOptions.h) where it has one. */
export const EXIT = { clean: 0, usage: 1, hang: 70, interrupted: 72, finding: 77 } as const;

/** A file, as a line of the header in trace files names what it was made with. */
export function versionsOf({ version }: Surroundings): string {
  return `heaplaw ${version}, node ${process.version}`;
}
