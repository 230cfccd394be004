import { deepEqual, equal } from "node:assert/strict";
import { FaultLog } from "./fault_log.ts";

Deno.test("FaultLog counts faults by kind, and tells the longest of each", () => {
  let now = 0;
  const log = new FaultLog(() => now);
  for (
    const [target, lastedMs] of [["emailer 1", 5], ["emailer 1", 20], ["mail-poller 2", 7]] as const
  ) {
    const end = log.begin({ kind: "kill", target });
    now += lastedMs;
    end();
  }
  deepEqual(Object.fromEntries(log.figures), {
    "kill emailer 1": { count: 2, longestMs: 20 },
    "kill mail-poller 2": { count: 1, longestMs: 7 },
  });
  deepEqual(log.records.map(({ fromMs, toMs }) => [fromMs, toMs]), [[0, 5], [5, 25], [25, 32]]);
});

Deno.test("FaultLog counts a fault that is not over", () => {
  const log = new FaultLog();
  log.begin({ kind: "cut", link: "emailer to broker" });
  deepEqual(log.figures.get("cut emailer to broker"), { count: 1, longestMs: 0 });
  equal(log.redeliveries, 1);
});
