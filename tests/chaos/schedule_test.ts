import { deepEqual, notDeepEqual, ok } from "node:assert/strict";
import { EMPTY_TIMEOUT_MS } from "./delete_queue.ts";
import { describeFault, faultKind } from "./faults.ts";
import { planFaults } from "./schedule.ts";

Deno.test("planFaults() plans the same for the same seed, something else for another", () => {
  deepEqual(planFaults(1, 60_000), planFaults(1, 60_000));
  notDeepEqual(planFaults(1, 60_000), planFaults(2, 60_000));
});

Deno.test("planFaults() plans in order of time, and nothing after the end", () => {
  const times = planFaults(1, 20_000).map(({ atMs }) => atMs);
  deepEqual(times, times.toSorted((a, b) => a - b));
  ok(times.every((atMs) => atMs < 20_000));
});

Deno.test("planFaults() has every kind of process killed within 20 seconds", () => {
  for (let seed = 0; seed < 50; seed++) {
    const kinds = new Set(planFaults(seed, 20_000).map(({ fault }) => faultKind(fault)));
    for (const kind of ["message-server", "emailer", "mail-poller"]) {
      ok([...kinds].some((name) => name.startsWith(`kill ${kind}`)), `${seed}: no ${kind} killed`);
    }
    for (const component of ["broker", "database", "mailtrap"]) {
      ok(kinds.has(`restart ${component}`), `${seed}: ${component} is not restarted`);
    }
  }
});

Deno.test("planFaults() has nothing else go wrong while the queue is emptied and deleted", () => {
  const plan = planFaults(3, 120_000);
  const deletions = plan.filter(({ fault }) => fault.kind === "delete queue");
  ok(deletions.length >= 2);
  for (const { atMs: deletedAtMs } of deletions) {
    for (const { atMs, fault } of plan) {
      if (fault.kind === "delete queue") continue;
      const endMs = atMs + ("durationMs" in fault ? fault.durationMs : 0);
      ok(endMs < deletedAtMs || atMs >= deletedAtMs + EMPTY_TIMEOUT_MS, describeFault(fault));
    }
  }
});

Deno.test("planFaults() kills no process more than ten times a minute", () => {
  const times = new Map<string, number>();
  for (const { atMs, fault } of planFaults(5, 600_000)) {
    if (fault.kind !== "restart" && !("target" in fault)) continue;
    const victim = "target" in fault ? fault.target : faultKind(fault);
    ok(atMs - (times.get(victim) ?? -Infinity) > 6_000, `${victim} at ${atMs}`);
    times.set(victim, atMs);
  }
  ok(times.size > 0);
});

Deno.test("planFaults() has every kind of service stopped within five minutes", () => {
  for (let seed = 0; seed < 50; seed++) {
    const kinds = planFaults(seed, 300_000).map(({ fault }) => faultKind(fault));
    for (const kind of ["message-server", "emailer", "mail-poller"]) {
      ok(kinds.some((name) => name.startsWith(`stop ${kind}`)), `${seed}: no ${kind} stopped`);
    }
  }
});

Deno.test("describeFault() tells how long and how much", () => {
  const link = "emailer to broker";
  deepEqual(describeFault({ kind: "kill", target: "emailer 2" }), "kill emailer 2");
  deepEqual(
    describeFault({ kind: "delay", link, delayMs: 7, durationMs: 900 }),
    "delay emailer to broker by 7 ms, for 900 ms",
  );
});
