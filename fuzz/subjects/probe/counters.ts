/** Which counters a module exports that say what they are known to say. */
import { COUNTERS, type ModuleSubject } from '../module-subject.ts';
import { allocate, attempt, type ProbeBlock, release, share } from './attempt.ts';

const STEPS = 60;
/** A counter that is right nine times of ten means what its name says, and the tenth time is a defect. */
const RULE = 0.9;

/** The names, as statistics has them, of the counters that followed the requests. */
export function probeCounters(subject: ModuleSubject): string[] {
  return Object.entries(COUNTERS).flatMap(([exported, name]) => (isRight(subject, exported, name) ? [name] : []));
}

function isRight(subject: ModuleSubject, exported: string, name: string): boolean {
  const matches: boolean[] = [];
  attempt(subject, undefined, () => {
    if (subject.counter(exported) === undefined) return;
    const live: ProbeBlock[] = [];
    for (let step = 0; step < STEPS; step += 1) {
      change(subject, live, step);
      matches.push(subject.counter(exported) === expected(name, live));
    }
  });
  return share(matches, (match) => match) >= RULE;
}

function change(subject: ModuleSubject, live: ProbeBlock[], step: number): void {
  const oldest = step % 3 === 2 ? live.shift() : undefined;
  if (oldest !== undefined) return release(subject, oldest);
  const block = allocate(subject, 1 + step * 13);
  if (block !== undefined) live.push(block);
}

function expected(name: string, live: readonly ProbeBlock[]): number {
  return name === 'liveBlocks' ? live.length : live.reduce((sum, block) => sum + block.sizeBytes, 0);
}
