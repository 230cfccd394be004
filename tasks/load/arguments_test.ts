import { deepEqual, equal } from "node:assert/strict";
import { commandLine, planOf } from "./arguments.ts";

for (
  const [args, count, durationMs] of [
    [[], 100, undefined],
    [["--count", "5"], 5, undefined],
    [["--duration", "2"], undefined, 2_000],
    [["--duration", "2", "--count", "5"], 5, 2_000],
  ] as const
) {
  Deno.test(`planOf() sends ${count} emails in ${durationMs} ms for "${args.join(" ")}"`, () => {
    const plan = planOf(commandLine.parse([...args], { from: "user" }).opts());
    deepEqual([plan.count, plan.durationMs], [count, durationMs]);
    equal(plan.concurrency, 16);
  });
}
