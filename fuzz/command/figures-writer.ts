/** Keeps `fuzzer_stats` and `plot_data` of one campaign up to date. */
import { appendFileSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { attempt, writeAtomically } from '../engine/atomic-file.ts';
import { fuzzerStats, PLOT_HEADER, plotLine } from '../report/fuzzer-stats.ts';
import type { SubjectView } from '../report/view.ts';

/** AFL++ writes its plot every five seconds, and its statistics once a minute; a second costs us nothing. */
const STATS_EVERY_MS = 1000;
const PLOT_EVERY_MS = 5000;

export interface FiguresOptions {
  readonly directory: string;
  readonly timeoutSeconds: number;
  readonly version: string;
  readonly commandLine: string;
}

export class FiguresWriter {
  readonly #options: FiguresOptions;
  readonly #startTime = secondsNow();
  #statsAtMs = 0;
  #plotAtMs = 0;

  constructor(options: FiguresOptions) {
    this.#options = options;
  }

  /** Writes what is due. Throws StorageError. */
  writeNowAndThen(view: SubjectView): void {
    const now = performance.now();
    if (now - this.#statsAtMs >= STATS_EVERY_MS) this.#writeStats(view);
    if (now - this.#plotAtMs >= PLOT_EVERY_MS) this.#writePlot(view);
  }

  /** Writes everything. Throws StorageError. */
  write(view: SubjectView): void {
    this.#writeStats(view);
    this.#writePlot(view);
  }

  #writeStats(view: SubjectView): void {
    const { directory, ...known } = this.#options;
    this.#statsAtMs = performance.now();
    const circumstances = {
      ...known,
      startTime: this.#startTime,
      now: secondsNow(),
      pid: process.pid,
      peakResidentBytes: peakResidentBytes(),
    };
    writeAtomically(join(directory, 'fuzzer_stats'), fuzzerStats(view, circumstances));
  }

  /** A line is appended in one write, so a kill leaves whole lines. */
  #writePlot(view: SubjectView): void {
    const { directory } = this.#options;
    this.#plotAtMs = performance.now();
    const path = join(directory, 'plot_data');
    attempt('write', path, () => {
      mkdirSync(directory, { recursive: true });
      appendFileSync(path, existsSync(path) ? plotLine(view) : PLOT_HEADER + plotLine(view));
    });
  }
}

/** The most memory the process ever held. */
export function peakResidentBytes(): number {
  return process.resourceUsage().maxRSS * 1024;
}

function secondsNow(): number {
  return Math.floor(Date.now() / 1000);
}
