/**
 * Writes a duration for people, in at most eight characters: `850 µs`, `1.2 ms`, `44 ms`, `1.32 s`,
 * `12.4 s`, `2m 05s`, `3h 20m`, `12 d`.
 */
export function formatDuration(durationUs: number): string {
  const milliseconds = durationUs / 1_000;
  const seconds = durationUs / 1_000_000;
  // Each limit is where rounding would carry into the next unit.
  if (durationUs < 999.5) return `${Math.round(durationUs)} µs`;
  if (milliseconds < 9.95) return `${milliseconds.toFixed(1)} ms`;
  if (milliseconds < 999.5) return `${Math.round(milliseconds)} ms`;
  if (seconds < 9.995) return `${seconds.toFixed(2)} s`;
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  if (seconds < 3_599.5) return twoUnits(Math.round(seconds), "m", "s");
  if (seconds < 359_970) return twoUnits(Math.round(seconds / 60), "h", "m");
  return `${Math.round(seconds / 86_400)} d`;
}

function twoUnits(amount: number, large: string, small: string): string {
  return `${Math.floor(amount / 60)}${large} ${String(amount % 60).padStart(2, "0")}${small}`;
}
