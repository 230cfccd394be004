import { deepEqual, equal } from "node:assert/strict";
import { Pacer } from "./pacer.ts";

Deno.test("next() spreads a steady rate from the start on", () => {
  const pacer = new Pacer({ ratePerSecond: 4 }, 1_000);
  deepEqual([pacer.next(1_000), pacer.next(1_000), pacer.next(9_000)], [
    { index: 0, dueAtMs: 1_000 },
    { index: 1, dueAtMs: 1_250 },
    // Late, and due all the same.
    { index: 2, dueAtMs: 1_500 },
  ]);
});

Deno.test("next() is due at once without a rate", () => {
  const pacer = new Pacer({}, 0);
  deepEqual([pacer.next(5), pacer.next(8)], [{ index: 0, dueAtMs: 5 }, { index: 1, dueAtMs: 8 }]);
});

Deno.test("next() ends after the count", () => {
  const pacer = new Pacer({ count: 2 }, 0);
  deepEqual([0, 0, 0].map((now) => pacer.next(now)?.index), [0, 1, undefined]);
});

Deno.test("next() ends with the duration, however late the emails are", () => {
  const pacer = new Pacer({ ratePerSecond: 2, durationMs: 1_000 }, 0);
  deepEqual([0, 0, 0].map((now) => pacer.next(now)?.index), [0, 1, undefined]);
  const late = new Pacer({ ratePerSecond: 100, durationMs: 1_000 }, 0);
  equal(late.next(999)?.index, 0);
  equal(late.next(1_000), undefined);
});
