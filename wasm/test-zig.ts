/** Runs the Zig tests at the bottom of every allocator's file natively. `npm run test:zig`. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runZig } from './zig.ts';

const roots = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.zig'))
  .map((path) => join(import.meta.dirname, path))
  .filter((path) => /^test "/m.test(readFileSync(path, 'utf8')));

for (const root of roots.sort()) {
  await runZig(['test', root]);
  console.log(`zig test ${root}: passed`);
}
