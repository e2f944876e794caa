#!/usr/bin/env node
/** `npm run record`: builds the Lua modules and hands over the command line. */
import { recordCommand } from '../fuzz/lua/record-command.ts';
import { ensureBuilt } from '../wasm/build.ts';

await ensureBuilt(['lua-bump', 'lua-reclaiming']);
process.exitCode = recordCommand(process.argv.slice(2), {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
});
