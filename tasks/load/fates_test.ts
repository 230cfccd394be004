import { deepEqual, equal } from "node:assert/strict";
import { Fates } from "./fates.ts";

const QUEUES = {
  estimate: () => Promise.resolve({ deadLettered: 5, waiting: 7 }),
  exactDeadLettered: () => Promise.resolve(2),
};
const ARCHIVE = { estimate: () => Promise.resolve(10), exact: () => Promise.resolve(3) };

Deno.test("estimate() takes what is at hand", async () => {
  const fates = new Fates({ archive: ARCHIVE, queues: QUEUES });
  await fates.estimate();
  deepEqual(fates.figures, { archived: 10, deadLettered: 5, waiting: 7 });
});

Deno.test("exact() counts the run's own emails", async () => {
  const fates = new Fates({ archive: ARCHIVE, queues: QUEUES });
  await fates.exact();
  deepEqual(fates.figures, { archived: 3, deadLettered: 2, waiting: 7 });
});

Deno.test("a figure that nobody can tell stays unknown", async () => {
  const fates = new Fates({ queues: QUEUES });
  await fates.estimate();
  equal(fates.figures.archived, undefined);
  deepEqual(fates.problems, []);
});

Deno.test("a source that fails leaves its last figure, and a problem until it answers again", async () => {
  let isDown = false;
  const fates = new Fates({
    queues: QUEUES,
    archive: {
      ...ARCHIVE,
      estimate: () => isDown ? Promise.reject(new Error("down")) : Promise.resolve(10),
    },
  });
  await fates.estimate();
  isDown = true;
  await fates.estimate();
  equal(fates.figures.archived, 10);
  deepEqual(fates.problems, ["down"]);
  isDown = false;
  await fates.estimate();
  deepEqual(fates.problems, []);
});
