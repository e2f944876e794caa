/** libFuzzer's final statistics, with its keys and its form. */
export interface FinalStats {
  readonly executions: number;
  readonly elapsedMs: number;
  readonly newUnits: number;
  readonly slowestMs: number;
  readonly peakResidentBytes: number;
}

/** Five lines, without a newline at the end. */
export function finalStats(stats: FinalStats): string {
  const seconds = Math.max(1, Math.floor(stats.elapsedMs / 1000));
  const rows: readonly (readonly [string, number])[] = [
    ['number_of_executed_units', stats.executions],
    ['average_exec_per_sec', Math.floor(stats.executions / seconds)],
    ['new_units_added', stats.newUnits],
    ['slowest_unit_time_sec', Math.floor(stats.slowestMs / 1000)],
    ['peak_rss_mb', Math.round(stats.peakResidentBytes / 2 ** 20)],
  ];
  return rows.map(([key, value]) => `${`stat::${key}:`.padEnd(32)}${value}`).join('\n');
}
