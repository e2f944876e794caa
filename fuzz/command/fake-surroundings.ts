/** Surroundings for tests: what is printed is kept, the crew works in the same thread, and an interrupt is a call. */
import type { CampaignTarget } from '../engine/campaign-target.ts';
import type { Crew, TargetReference } from '../engine/crew.ts';
import { LocalCrew } from '../engine/local-crew.ts';
import { targetFor } from '../targets.ts';
import type { Surroundings } from './surroundings.ts';

export class FakeSurroundings implements Surroundings {
  output = '';
  complaints = '';
  readonly isTerminal: boolean;
  readonly environment = { NO_COLOR: '1' };
  readonly packageDirectory: string;
  readonly command = 'npm run fuzz --';
  readonly version = '0.0.0-test';
  readonly #makeTarget: (reference: TargetReference) => CampaignTarget;
  #handler: (() => void) | undefined;

  constructor(options: { packageDirectory?: string; isTerminal?: boolean; makeTarget?: typeof targetFor } = {}) {
    this.packageDirectory = options.packageDirectory ?? '/nowhere';
    this.isTerminal = options.isTerminal ?? false;
    this.#makeTarget = options.makeTarget ?? targetFor;
  }

  /** Runs of `out` and `err`, bound, as callers take them off the object. */
  readonly out = (text: string): void => {
    this.output += text;
  };

  readonly err = (text: string): void => {
    this.complaints += text;
  };

  onInterrupt(handler: () => void): () => void {
    this.#handler = handler;
    return () => {
      this.#handler = undefined;
    };
  }

  /** What Ctrl-C does. */
  interrupt(): void {
    this.#handler?.();
  }

  startCrew(): Crew {
    return new LocalCrew(this.#makeTarget);
  }

  async prepare(): Promise<void> {}
}
