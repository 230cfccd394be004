import { deepEqual } from "node:assert/strict";
import { Outcomes } from "./outcomes.ts";

const QUEUES = {
  estimate: () => Promise.resolve({ deadLettered: 5, waiting: 7 }),
  deadLettered: () => Promise.resolve(new Set(["dead-1", "dead-2"])),
};

Deno.test("exact() counts the run's own emails, and none that is dead as archived", async () => {
  const exact = (dead?: ReadonlySet<string>) => Promise.resolve(5 - (dead?.size ?? 0));
  const archive = { estimate: () => Promise.resolve(10), exact };
  const outcomes = new Outcomes({ archive, queues: QUEUES });
  await outcomes.estimate();
  deepEqual(outcomes.figures, { archived: 10, deadLettered: 5, waiting: 7 });
  await outcomes.exact();
  deepEqual(outcomes.figures, { archived: 3, deadLettered: 2, waiting: 7 });
});

Deno.test("estimate() keeps the last figure of a source that fails, and why until it answers again", async () => {
  const answers = [
    () => Promise.resolve(10),
    () => Promise.reject(new Error("down")),
    () => Promise.resolve(11),
  ];
  const estimate = () => answers.shift()?.() ?? Promise.resolve(0);
  const outcomes = new Outcomes({ archive: { estimate, exact: estimate } });
  for (const [archived, problems] of [[10, []], [10, ["down"]], [11, []]] as const) {
    await outcomes.estimate();
    // Nobody tells of the queues.
    deepEqual([outcomes.figures, outcomes.problems], [{ archived }, problems]);
  }
});
