import { deepEqual, notDeepEqual, ok } from "node:assert/strict";
import { faultName } from "./faults.ts";
import { planFaults } from "./schedule.ts";

const told = (seed: number) =>
  planFaults(seed, 60_000).map(({ atMs, fault }) => [atMs, faultName(fault), fault.durationMs]);

Deno.test("planFaults() plans the same for the same seed, something else for another", () => {
  deepEqual(told(1), told(1));
  notDeepEqual(told(1), told(2));
});

Deno.test("planFaults() kills no process more than ten times a minute", () => {
  const times = new Map<string, number>();
  for (const { atMs, fault } of planFaults(5, 600_000)) {
    if (fault.kind !== "restart" && fault.kind !== "kill" && fault.kind !== "stop") continue;
    const victim = fault.target;
    ok(atMs - (times.get(victim) ?? -Infinity) > 6_000, `${victim} at ${atMs}`);
    times.set(victim, atMs);
  }
  ok(times.size > 0);
});
