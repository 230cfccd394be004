import { deepEqual, equal } from "node:assert/strict";
import { Turns } from "./turns.ts";

const LONG_MS = 60_000;

Deno.test("Turns.take() lets few run at a time, in the order in which they came", async () => {
  const turns = new Turns(2, LONG_MS);
  const order: number[] = [];
  let [runningCount, mostCount] = [0, 0];
  await Promise.all(Array.from({ length: 6 }, async (_, number) => {
    using _turn = await turns.take();
    order.push(number);
    mostCount = Math.max(mostCount, ++runningCount);
    await new Promise((resolve) => setTimeout(resolve));
    runningCount--;
  }));
  deepEqual([order, mostCount], [[0, 1, 2, 3, 4, 5], 2]);
});

Deno.test("Turns.take() gives no turn to who has waited for too long, and one to who comes later", async () => {
  const turns = new Turns(1, 1);
  {
    using _first = await turns.take();
    equal(await turns.take(), undefined);
  }
  using later = await turns.take();
  equal(later === undefined, false);
});
