/** `fuzzer_stats` and `plot_data` as AFL++ writes them, so that afl-whatsup and afl-plot read ours. */
import { SHAPES } from '../model/shape.ts';
import { rate } from './units.ts';
import type { SubjectView } from './view.ts';

/** What the process knows beside the campaign. Times are seconds since 1970. */
export interface Circumstances {
  readonly startTime: number;
  readonly now: number;
  readonly pid: number;
  readonly timeoutSeconds: number;
  readonly peakResidentBytes: number;
  readonly version: string;
  readonly commandLine: string;
}

const KEY_WIDTH = 18;

/** The text of `fuzzer_stats`: AFL++'s keys in AFL++'s order. */
export function fuzzerStats(view: SubjectView, at: Circumstances): string {
  return Object.entries(fields(view, at))
    .map(([key, value]) => `${key.padEnd(KEY_WIDTH)}: ${value}\n`)
    .join('');
}

/** The first line of `plot_data`. */
export const PLOT_HEADER =
  '# relative_time, cycles_done, cur_item, corpus_count, pending_total, pending_favs, map_size, saved_crashes, ' +
  'saved_hangs, max_depth, execs_per_sec, total_execs, edges_found\n';

/** A line of `plot_data`. */
export function plotLine(view: SubjectView): string {
  const seconds = Math.floor(view.elapsedMs / 1000);
  const fields = [seconds, view.rounds, 0, view.corpusSize, 0, 0, `${mapPercent(view)}%`, crashes(view), view.hangs, 0];
  const speed = (rate(view.executions * 100, view.elapsedMs) / 100).toFixed(2);
  return `${[...fields, speed, view.executions, view.shapes].join(', ')}\n`;
}

function crashes({ findings, hangs }: SubjectView): number {
  return Math.max(0, findings.length - hangs);
}

function mapPercent({ shapes }: SubjectView): string {
  return ((shapes / SHAPES) * 100).toFixed(2);
}

function fields(view: SubjectView, at: Circumstances): Readonly<Record<string, string | number>> {
  const seconds = (ms: number | undefined): number => Math.floor((ms ?? 0) / 1000);
  const moment = (sinceMs: number | undefined): number => (sinceMs === undefined ? 0 : at.now - seconds(sinceMs));
  return {
    start_time: at.startTime,
    last_update: at.now,
    run_time: seconds(view.elapsedMs),
    fuzzer_pid: at.pid,
    cycles_done: view.rounds,
    cycles_wo_finds: 0,
    time_wo_finds: seconds(view.sinceNewMs ?? view.elapsedMs),
    fuzz_time: seconds(view.elapsedMs),
    calibration_time: 0,
    cmplog_time: 0,
    sync_time: 0,
    trim_time: 0,
    execs_done: view.executions,
    execs_per_sec: (rate(view.executions * 100, view.elapsedMs) / 100).toFixed(2),
    execs_ps_last_min: (rate(view.executions * 100, view.elapsedMs) / 100).toFixed(2),
    corpus_count: view.corpusSize,
    corpus_favored: view.corpusSize,
    corpus_found: view.found,
    corpus_imported: view.imported,
    corpus_variable: 0,
    max_depth: 0,
    cur_item: 0,
    pending_favs: 0,
    pending_total: 0,
    stability: '100.00%',
    bitmap_cvg: `${mapPercent(view)}%`,
    saved_crashes: crashes(view),
    saved_hangs: view.hangs,
    last_find: moment(view.sinceNewMs),
    last_crash: view.hangs === view.findings.length ? 0 : moment(view.sinceFindingMs),
    last_hang: view.hangs === 0 ? 0 : moment(view.sinceFindingMs),
    execs_since_crash: view.sinceFindingRuns,
    exec_timeout: at.timeoutSeconds * 1000,
    slowest_exec_ms: Math.round(view.slowestMs),
    peak_rss_mb: Math.round(at.peakResidentBytes / 2 ** 20),
    cpu_affinity: -1,
    edges_found: view.shapes,
    total_edges: SHAPES,
    var_byte_count: 0,
    havoc_expansion: 0,
    auto_dict_entries: 0,
    testcache_size: 0,
    testcache_count: 0,
    testcache_evict: 0,
    afl_banner: view.subject,
    afl_version: `heaplaw-${at.version}`,
    target_mode: 'wasm ',
    command_line: at.commandLine,
  };
}
