/** What `--help` and `--list` print. */
import { DEFAULT_MAX_OPS, DEFAULT_TIMEOUT_SECONDS } from '../options.ts';

/** `--help`. `command` is how the program is called. */
export function help(command: string): string {
  return `Fuzzes allocators of WebAssembly linear memory: generates, mutates, judges, keeps, shrinks and reports traces.

usage: ${command} [options] [SUBJECT...] [CORPUS_DIR...]   fuzz; without SUBJECT every subject in turn, until Ctrl-C
       ${command} [options] [SUBJECT] TRACE...             run each trace once, step by step
       ${command} path/to/module.wasm[:FUNCTION]           fuzz the allocator of any module: all its faces, or one

budget
  --max-total-time S      seconds for the whole run, and up to 5 more to
                          make small what was found last                    (default: until Ctrl-C)
  --runs N                traces for each subject; 0 runs the corpus only   (default: without end)
  --exit-on-finding       end at the first finding                          (default: go on)
  --timeout S             seconds without an answer that make it a hang      (default: ${DEFAULT_TIMEOUT_SECONDS})
what is run
  --seed N                1 to 4294967295, or a commit hash of 40 digits    (default: go on where the last run ended)
  --workers N             threads                                           (default: one for each core)
  --max-ops N             operations of a trace at the most                 (default: ${DEFAULT_MAX_OPS})
where things are
  --artifact-prefix DIR   findings                                          (default: .fuzz/findings)
  --corpus DIR            the evolving corpus                               (default: .fuzz/SUBJECT/corpus)
  --state DIR             state, statistics and corpora                     (default: .fuzz)
what is printed
  --json                  one JSON object on standard output, nothing else there
  --print-final-stats     libFuzzer's stat:: lines at the end
  --list                  the subjects
  --help                  this
instead of fuzzing
  --merge                 shrink a corpus to the traces that still show something of their own
  --minimize FILE         shrink a failing trace; writes FILE.min, or --exact-artifact-path FILE
  --emit c|zig|vitest     print TRACE... as a stand-alone program
  --exhaustive N          run every trace of up to N operations over a few sizes and slots
modules from outside
  --abi NAME  --map malloc=f,free=g  --profile FILE  --save-profile FILE
  --memory-cap BYTES  --alignment N  --misuse  --against MODULE|SUBJECT

A run with --seed begins anew from the starters alone and ends the same on any machine with any number of workers; one
that was cut short goes on when it is started again. Without --seed the last run goes on. libFuzzer's spellings work,
too: -max_total_time=60 -runs=1000 -seed=7 -artifact_prefix=out/ -merge=1 -minimize_crash=1 FILE.

exit codes: 0 nothing found, 77 findings, 70 a hang among them, 72 interrupted, 1 usage error

examples
  ${command} --max-total-time 60
  ${command} host-bump --runs 100000 --seed 42
  ${command} .fuzz/findings/regions-never-overlap-5c1e0d7a90b2.trace
  ${command} --merge host-bump
`;
}

/** `--list`: a line for each subject. */
export function list(subjects: readonly { readonly name: string; readonly about: string }[]): string {
  const width = Math.max(...subjects.map(({ name }) => name.length));
  return subjects.map(({ name, about }) => `${name.padEnd(width)}  ${about}\n`).join('');
}
