import { deepEqual, equal } from "node:assert/strict";
import { OutcomeCounts } from "./outcome_counts.ts";

const QUEUES = {
  estimate: () => Promise.resolve({ deadLettered: 5, waiting: 7 }),
  deadLettered: () => Promise.resolve(new Set(["dead-1", "dead-2"])),
};
const ARCHIVE = {
  estimate: () => Promise.resolve(10),
  exact: (deadLettered?: ReadonlySet<string>) => Promise.resolve(5 - (deadLettered?.size ?? 0)),
};

Deno.test("estimate() takes what is at hand", async () => {
  const outcomes = new OutcomeCounts({ archive: ARCHIVE, queues: QUEUES });
  await outcomes.estimate();
  deepEqual(outcomes.figures, { archived: 10, deadLettered: 5, waiting: 7 });
});

Deno.test("exact() counts the run's own emails, and none that is dead as archived", async () => {
  const outcomes = new OutcomeCounts({ archive: ARCHIVE, queues: QUEUES });
  await outcomes.exact();
  deepEqual(outcomes.figures, { archived: 3, deadLettered: 2, waiting: 7 });
});

Deno.test("a figure that nobody can tell stays unknown", async () => {
  const outcomes = new OutcomeCounts({ queues: QUEUES });
  await outcomes.estimate();
  equal(outcomes.figures.archived, undefined);
  deepEqual(outcomes.problems, []);
});

Deno.test("a source that fails leaves its last figure, and a problem until it answers again", async () => {
  let isDown = false;
  const outcomes = new OutcomeCounts({
    queues: QUEUES,
    archive: {
      ...ARCHIVE,
      estimate: () => isDown ? Promise.reject(new Error("down")) : Promise.resolve(10),
    },
  });
  await outcomes.estimate();
  isDown = true;
  await outcomes.estimate();
  equal(outcomes.figures.archived, 10);
  deepEqual(outcomes.problems, ["down"]);
  isDown = false;
  await outcomes.estimate();
  deepEqual(outcomes.problems, []);
});
