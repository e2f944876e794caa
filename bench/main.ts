/** `npm run bench` runs every bench of the table, `npm run bench -- memory` those named. Exit code 1: a target was missed. */
import { allocatorsBench } from './allocators/allocators-bench.ts';
import { type Bench, format, isMissed } from './bench.ts';
import { fuzzBench } from './fuzz/fuzz-bench.ts';
import { luaBench } from './lua/lua-bench.ts';
import { luaPressureBench } from './lua-pressure/lua-pressure-bench.ts';
import { memoryBench } from './memory/memory-bench.ts';

/** Adding a bench is adding a line. */
const BENCHES: Readonly<Record<string, Bench>> = {
  memory: memoryBench,
  allocators: allocatorsBench,
  fuzz: fuzzBench,
  lua: luaBench,
  'lua-pressure': luaPressureBench,
};

function chosen(names: readonly string[]): Bench[] {
  const wanted = names.length === 0 ? Object.keys(BENCHES) : names;
  return wanted.map((name) => {
    const bench = BENCHES[name];
    if (bench === undefined) throw new Error(`No bench "${name}": choose from ${Object.keys(BENCHES).join(', ')}`);
    return bench;
  });
}

for (const bench of chosen(process.argv.slice(2))) {
  process.stdout.write(`# ${bench.about} (Node ${process.version})\n\n`);
  for (const result of bench.run()) {
    process.stdout.write(`${format(result)}\n`);
    if (isMissed(result)) process.exitCode = 1;
  }
}
