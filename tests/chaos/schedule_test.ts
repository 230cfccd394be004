import { deepEqual, notDeepEqual, ok } from "node:assert/strict";
import { describeFault, EMPTY_TIMEOUT_MS, faultKind, FaultLog } from "./faults.ts";
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

const SERVICES = ["message-server", "emailer", "mail-poller"] as const;

for (
  const { what, withinMs, kinds } of [
    {
      what: "every kind of process killed within 20 seconds",
      withinMs: 20_000,
      kinds: [
        ...SERVICES.map((service) => `kill ${service}`),
        ...["broker", "database", "mailtrap"].map((component) => `restart ${component}`),
      ],
    },
    {
      what: "every kind of service stopped within five minutes",
      withinMs: 300_000,
      kinds: SERVICES.map((service) => `stop ${service}`),
    },
  ]
) {
  Deno.test(`planFaults() has ${what}`, () => {
    for (let seed = 0; seed < 50; seed++) {
      const planned = planFaults(seed, withinMs).map(({ fault }) => faultKind(fault));
      for (const kind of kinds) {
        ok(planned.some((name) => name.startsWith(kind)), `${seed}: no ${kind}`);
      }
    }
  });
}

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
    if (fault.kind !== "restart" && fault.kind !== "kill" && fault.kind !== "stop") continue;
    const victim = fault.target;
    ok(atMs - (times.get(victim) ?? -Infinity) > 6_000, `${victim} at ${atMs}`);
    times.set(victim, atMs);
  }
  ok(times.size > 0);
});

Deno.test("describeFault() tells how long and how much", () => {
  const link = "emailer to broker";
  deepEqual(describeFault({ kind: "kill", target: "emailer 2" }), "kill emailer 2");
  deepEqual(
    describeFault({ kind: "delay", target: link, delayMs: 7, durationMs: 900 }),
    "delay emailer to broker by 7 ms, for 900 ms",
  );
});

Deno.test("FaultLog counts faults by kind, tells the longest of each, and what is not over", () => {
  let now = 0;
  const log = new FaultLog(() => now);
  for (const [target, lastedMs] of [["emailer 1", 5], ["emailer 1", 20]] as const) {
    const end = log.begin({ kind: "kill", target });
    now += lastedMs;
    end();
  }
  log.begin({ kind: "cut", target: "emailer to broker" });
  deepEqual(Object.fromEntries(log.figures), {
    "kill emailer 1": { count: 2, longestMs: 20 },
    "cut emailer to broker": { count: 1, longestMs: 0 },
  });
  deepEqual(log.records.map(({ fromMs, toMs }) => [fromMs, toMs]), [[0, 5], [5, 25], [
    25,
    Infinity,
  ]]);
  deepEqual(log.redeliveries, 3);
});
