#!/usr/bin/env node
/** The command line, and nothing else. */
import { processSurroundings } from './command/process-surroundings.ts';
import { run } from './command/run.ts';

process.exitCode = await run(process.argv.slice(2), processSurroundings());
