/** Numbers for people. */

/** `1h 02m 03s`, `2m 03s`, `3.4 s`. */
export function duration(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, Math.floor(seconds) % 60];
  const tail = `${pad(minutes)}m ${pad(rest)}s`;
  return hours > 0 ? `${hours}h ${tail}` : tail.replace(/^0/, '');
}

/** `1,234,567`; fractions are cut. */
export function grouped(value: number): string {
  return String(Math.floor(value)).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `12 b`, `3 Kb`, `4 Mb`, without the space: the units of libFuzzer's status line. */
export function byteSize(bytes: number): string {
  if (bytes < 1 << 14) return `${bytes}b`;
  return bytes < 1 << 24 ? `${bytes >>> 10}Kb` : `${Math.floor(bytes / (1 << 20))}Mb`;
}

/** Whole events a second; 0 before any time has passed. */
export function rate(events: number, elapsedMs: number): number {
  return elapsedMs <= 0 ? 0 : Math.round((events * 1000) / elapsedMs);
}

function pad(value: number): string {
  return String(value).padStart(2, '0');
}
