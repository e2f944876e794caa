/** Findings on disk: one file each, the smallest of a bucket, under `<law>-<sha1>.trace`. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { formatTrace } from '../trace/text.ts';
import { operationCount, type Trace } from '../trace/trace.ts';
import { writeAtomically } from './atomic-file.ts';
import { nameOf, readTraces, type StoredTraces } from './corpus-store.ts';
import { bucketOf, type Finding } from './finding.ts';

/** Digits of the hash in a finding's name: short enough to read aloud, and findings are few. */
const NAME_DIGITS = 12;

export interface FindingStoreOptions {
  readonly directory: string;
  /** The subject as the command line takes it. */
  readonly subject: string;
  /** The same with the flags that it needs; `subject` when absent. */
  readonly words?: string;
  /** What comes before the subject on a command line, as in `npm run fuzz --`. */
  readonly command: string;
  /** Versions that matter when the file is read again, as in `heaplaw 1.0.0, node v20.0.0`. */
  readonly versions: string;
}

export interface SavedFinding {
  readonly finding: Finding;
  readonly path: string;
}

export class FindingStore {
  readonly #options: FindingStoreOptions;
  readonly #byBucket = new Map<string, SavedFinding>();

  constructor(options: FindingStoreOptions) {
    this.#options = options;
  }

  /** What earlier runs left. Throws StorageError. */
  earlier(): StoredTraces {
    const { traces, broken } = readTraces(this.#options.directory);
    return { traces: traces.filter(({ header }) => header['subject'] === this.#options.subject), broken };
  }

  /** The findings of this run, one a bucket, in the order in which they were first saved. */
  all(): readonly SavedFinding[] {
    return [...this.#byBucket.values()];
  }

  /** Where `finding` is or would be saved. */
  pathOf(finding: Finding): string {
    const prefix = finding.flaky === undefined ? '' : 'flaky-';
    const hash = nameOf(finding.trace).slice(0, NAME_DIGITS);
    return join(this.#options.directory, `${prefix}${finding.violation.law}-${hash}.trace`);
  }

  /** Saves `finding` when it is the smallest of its bucket; then what it replaces goes. Undefined when it is not. */
  save(finding: Finding): SavedFinding | undefined {
    const bucket = bucketKey(finding);
    const known = this.#byBucket.get(bucket);
    if (known !== undefined && operationCount(known.finding.trace) <= operationCount(finding.trace)) return undefined;
    const saved = { finding, path: this.pathOf(finding) };
    writeAtomically(saved.path, this.#text(finding, saved.path));
    if (known !== undefined && known.path !== saved.path) rmSync(known.path, { force: true });
    this.#byBucket.set(bucket, saved);
    return saved;
  }

  /** Puts the smaller form of a finding in the place of what was saved for it. */
  replace(former: Finding, finding: Finding): SavedFinding | undefined {
    if (former === finding) return this.#byBucket.get(bucketKey(former));
    const known = this.#byBucket.get(bucketKey(former));
    if (known?.finding === former) {
      this.#byBucket.delete(bucketKey(former));
      if (known.path !== this.pathOf(finding)) rmSync(known.path, { force: true });
    }
    return this.save(finding);
  }

  #text(finding: Finding, path: string): string {
    const { subject, words = subject, command, versions } = this.#options;
    const { law, step, kind, relation, request, answer, allowed, but } = finding.violation;
    const { seed, round, lane, run } = finding.origin;
    const header = { subject, law, step: String(step), seed: String(seed), kind, relation };
    const comments = [
      `request ${request}`,
      `answer ${answer}`,
      `allowed ${allowed}`,
      ...(but === undefined ? [] : [`but ${but}`]),
      ...(finding.flaky === undefined ? [] : [`flaky ${finding.flaky}`]),
      `origin ${run < 0 ? 'corpus' : `round ${round}, lane ${lane}, run ${run}`}`,
      `size ${sizeText(finding.trace, finding.minimal)}`,
      `replay ${command} ${words} ${path}`,
      `versions ${versions}`,
    ];
    return formatTrace(finding.trace, header, comments.map(oneLine));
  }
}

/** `3 operations, 1-minimal` */
export function sizeText(trace: Trace, minimal: boolean): string {
  const operations = operationCount(trace);
  return `${operations} operation${operations === 1 ? '' : 's'}${minimal ? ', 1-minimal' : ''}`;
}

function bucketKey(finding: Finding): string {
  return finding.flaky === undefined ? bucketOf(finding.violation) : `flaky ${finding.violation.law}`;
}

/** A trap's message may have several lines; a comment has one. */
function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, ' ');
}
