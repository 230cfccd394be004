import { deepEqual, equal } from "node:assert/strict";
import { formatDuration, formatRound } from "./drawing.js";

Deno.test.each([
  [0, "0 µs"],
  [850, "850 µs"],
  [1_240, "1.2 ms"],
  [44_000, "44 ms"],
  [1_320_000, "1.32 s"],
  [12_400_000, "12.4 s"],
  [125_000_000, "2m 05s"],
  [12_000_000_000, "3h 20m"],
  [1_000_000_000_000, "12 d"],
  // Rounded up into the next unit, never to 1000 of the smaller one.
  [999.6, "1.0 ms"],
  [9_960, "10 ms"],
  [999_600, "1.00 s"],
  [9_996_000, "10.0 s"],
  [59_960_000, "1m 00s"],
  [3_599_600_000, "1h 00m"],
])("formatDuration() writes %s µs as %s", (durationUs, text) => {
  equal(formatDuration(durationUs), text);
});

Deno.test("formatRound() writes no zeros behind the point", () => {
  const texts = [5_000_000, 30_002_000, 1_250_000, 100_000, 1_000].map(formatRound);
  deepEqual(texts, ["5 s", "30 s", "1.25 s", "100 ms", "1 ms"]);
});
