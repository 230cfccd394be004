import { deepEqual, notDeepEqual, ok } from "node:assert/strict";
import { faultName } from "./faults.ts";
import { planFaults } from "./schedule.ts";

const told = (seed: number) =>
  planFaults(seed, 60_000).map(({ atMs, fault }) => [atMs, faultName(fault), fault.durationMs]);

Deno.test("planFaults() plans the same for the same seed, something else for another", () => {
  deepEqual(told(1), told(1));
  notDeepEqual(told(1), told(2));
});

Deno.test("planFaults() plans in order of time, and nothing after the end", () => {
  const times = planFaults(1, 20_000).map(({ atMs }) => atMs);
  deepEqual(times, times.toSorted((a, b) => a - b));
  ok(times.every((atMs) => atMs < 20_000));
});

const SERVICES = ["message-server", "emailer", "mail-poller"];
const COMPONENTS = ["broker", "database", "collector", "mailtrap"];

for (
  const [withinMs, names] of [
    [25_000, SERVICES.map((service) => `kill ${service}`)],
    [25_000, COMPONENTS.map((component) => `restart ${component}`)],
    [300_000, SERVICES.map((service) => `stop ${service}`)],
  ] as const
) {
  Deno.test(`planFaults() has within ${withinMs} ms: ${names.join(", ")}`, () => {
    for (let seed = 0; seed < 50; seed++) {
      const planned = planFaults(seed, withinMs).map(({ fault }) => faultName(fault));
      for (const name of names) {
        ok(planned.some((other) => other.startsWith(name)), `${seed}: no ${name}`);
      }
    }
  });
}

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
