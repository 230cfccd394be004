import { equal } from "node:assert/strict";
import { atNextSignal } from "./repeated_signal.ts";

for (
  const [afterMs, expectedCount] of [[0, 0], [499, 0], [500, 1], [60_000, 1]] as const
) {
  Deno.test(`atNextSignal() calls ${expectedCount} times for a signal ${afterMs} ms later`, () => {
    let nowMs = 1_000;
    let count = 0;
    const listener = atNextSignal(() => count++, () => nowMs);
    nowMs += afterMs;
    listener();
    equal(count, expectedCount);
  });
}
