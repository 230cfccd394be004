import { equal, ok } from "node:assert/strict";
import { ByteBudget } from "./byte_budget.ts";

Deno.test("ByteBudget gives no more than there is, and takes all of it back once", () => {
  const budget = new ByteBudget({ capacityBytes: 10 });
  const first = budget.reserve(4);
  equal(budget.reserve(7), undefined);
  equal(first?.grow(3), true);
  equal(first?.grow(4), false);
  const second = budget.reserve(3);
  ok(second !== undefined);
  equal(budget.reserve(1), undefined);
  first?.[Symbol.dispose]();
  first?.[Symbol.dispose]();
  equal(budget.reserve(8), undefined);
  ok(budget.reserve(7) !== undefined);
});

Deno.test("ByteBudget counts what is held elsewhere", () => {
  let heldBytes = 8;
  const budget = new ByteBudget({ capacityBytes: 10, heldElsewhereBytes: () => heldBytes });
  equal(budget.reserve(3), undefined);
  heldBytes = 0;
  ok(budget.reserve(3) !== undefined);
});
