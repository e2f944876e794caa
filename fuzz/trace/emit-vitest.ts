/** A reproducer as a vitest case of this project: the trace, and the judge that must find nothing wrong. */
import { formatTrace, type TraceHeader } from './text.ts';
import type { Trace } from './trace.ts';

/** A test file, to be saved anywhere under `fuzz/`; it fails as long as the law breaks. */
export function emitVitest(trace: Trace, header: TraceHeader): string {
  const { subject = 'SUBJECT', law = 'every law' } = header;
  return `// Save as fuzz/reproducer.test.ts and run: npx vitest run fuzz/reproducer.test.ts
import { expect, test } from 'vitest';
import { judge, Lockstep } from './lockstep.ts';
import { SUBJECTS } from './subjects/index.ts';
import { parseTrace } from './trace/text.ts';

const TRACE = ${templateLiteral(formatTrace(trace, header))};

test(${quoted(`${subject}: ${law}`)}, () => {
  const subject = SUBJECTS.find(({ name }) => name === ${quoted(subject)})?.create();
  if (subject === undefined) throw new Error(${quoted(`no subject is named ${subject}: see npm run fuzz -- --list`)});
  expect(judge(new Lockstep(subject), parseTrace(TRACE).trace)).toBeUndefined();
});
`;
}

function templateLiteral(text: string): string {
  return `\`\\\n${text.replace(/[\\`$]/g, '\\$&')}\``;
}

function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&').replace(/[\r\n]+/g, ' ')}'`;
}
