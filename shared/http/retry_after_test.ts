import { equal } from "node:assert/strict";
import { retryAfterMs } from "./retry_after.ts";

const NOW_MS = Date.UTC(2026, 10, 29, 12, 0, 0);

for (
  const [value, waitMs] of [
    ["0", 0],
    ["120", 120_000],
    ["Sun, 29 Nov 2026 12:00:30 GMT", 30_000],
    ["Sun, 29 Nov 2026 11:59:00 GMT", 0],
    ["soon", undefined],
    ["", undefined],
    [undefined, undefined],
  ] as const
) {
  Deno.test(`retryAfterMs() is ${waitMs} for ${value === undefined ? "no header" : `"${value}"`}`, () => {
    const headers = new Headers(value === undefined ? {} : { "retry-after": value });
    equal(retryAfterMs({ headers }, NOW_MS), waitMs);
  });
}
