import { equal } from "node:assert/strict";
import { formatDuration } from "./duration.ts";

Deno.test("formatDuration() keeps two or three digits and the fitting unit", () => {
  const examples: readonly (readonly [number, string])[] = [
    [0, "0 µs"],
    [850, "850 µs"],
    [1_240, "1.2 ms"],
    [44_000, "44 ms"],
    [1_320_000, "1.32 s"],
    [12_400_000, "12.4 s"],
    [125_000_000, "2m 05s"],
    [12_000_000_000, "3h 20m"],
    [1_000_000_000_000, "12 d"],
  ];
  for (const [durationUs, text] of examples) equal(formatDuration(durationUs), text);
});

Deno.test("formatDuration() rounds up into the next unit, never to 1000 of the smaller one", () => {
  const examples: readonly (readonly [number, string])[] = [
    [999.6, "1.0 ms"],
    [9_960, "10 ms"],
    [999_600, "1.00 s"],
    [9_996_000, "10.0 s"],
    [59_960_000, "1m 00s"],
    [3_599_600_000, "1h 00m"],
  ];
  for (const [durationUs, text] of examples) equal(formatDuration(durationUs), text);
});
