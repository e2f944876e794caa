import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const WATCHDOG = fileURLToPath(new URL('./watchdog.ts', import.meta.url));

/** What becomes of a process that a watchdog of one second watches while it runs `program`. */
function ended(program: string) {
  const script = `
    import { Watchdog } from ${JSON.stringify(WATCHDOG)};
    new Watchdog(1).watch('file > test');
    ${program}`;
  const { signal, stderr, status } = spawnSync(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '--eval', script],
    { encoding: 'utf8', timeout: 60_000 },
  );
  return { signal, stderr, status };
}

describe('the watchdog', () => {
  it('ends a loop without end, and says where it was', () => {
    expect(ended('setTimeout(() => { for (;;); }, 1000);')).toEqual({
      signal: 'SIGKILL',
      stderr: 'file > test: has not returned for 1 s, expected an answer: look for a loop without end\n',
      status: null,
    });
  });

  it('lets a process wait for as long as it likes', () => {
    const { signal, status } = ended('await new Promise((resolve) => setTimeout(resolve, 2500));');
    expect([signal, status]).toEqual([null, 0]);
  });
});
