import { equal, ok } from "node:assert/strict";
import { ByteBudget } from "./byte_budget.ts";

Deno.test("reserve() gives no more than there is", () => {
  const budget = new ByteBudget({ capacityBytes: 10 });
  const first = budget.reserve(6);
  equal(budget.reserve(5), undefined);
  ok(budget.reserve(4) !== undefined);
  equal(budget.reserve(1), undefined);
  first?.[Symbol.dispose]();
  ok(budget.reserve(6) !== undefined);
});

Deno.test("grow() takes what is left, and disposing gives all of it back", () => {
  const budget = new ByteBudget({ capacityBytes: 10 });
  const reservation = budget.reserve(4);
  equal(reservation?.grow(6), true);
  equal(reservation?.grow(1), false);
  reservation?.[Symbol.dispose]();
  ok(budget.reserve(10) !== undefined);
});

Deno.test("disposing twice gives nothing back twice", () => {
  const budget = new ByteBudget({ capacityBytes: 10 });
  const reservation = budget.reserve(4);
  reservation?.[Symbol.dispose]();
  reservation?.[Symbol.dispose]();
  ok(budget.reserve(10) !== undefined);
  equal(budget.reserve(1), undefined);
});

Deno.test("reserve() counts what is held elsewhere", () => {
  let heldBytes = 8;
  const budget = new ByteBudget({ capacityBytes: 10, heldElsewhereBytes: () => heldBytes });
  equal(budget.reserve(3), undefined);
  heldBytes = 0;
  ok(budget.reserve(3) !== undefined);
});
