/** Where a campaign keeps what is its own: one directory a subject, below that of the state. */
import { createHash } from 'node:crypto';

/** File systems take 255 bytes, and a person reads no more than this. */
const LONGEST = 80;
const HASH_DIGITS = 8;

/**
 * The name of the directory for a subject: its own name, or the path of a module with `+` between its parts, so that two
 * modules of one file name keep apart. A long path keeps its end and is told from others by a hash.
 */
export function directoryName(subject: string): string {
  const flat = subject.replace(/^[./\\]+/, '').replace(/[/\\:]+/g, '+');
  const isExact = flat === subject.replaceAll('/', '+');
  if (isExact && flat.length <= LONGEST) return flat;
  const hash = createHash('sha1').update(subject).digest('hex').slice(0, HASH_DIGITS);
  return `${flat.slice(-LONGEST)}+${hash}`;
}
