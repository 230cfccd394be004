import { deepEqual, equal } from "node:assert/strict";
import { emailTrace } from "../trace_view/mod.ts";
import { EXAMPLE } from "./example.ts";

Deno.test("EXAMPLE is an email that was put off three times and archived", () => {
  const { state, rows, picture, diagram } = emailTrace.parse(EXAMPLE);
  equal(state?.name, "archived");
  equal(rows.length, 19);
  deepEqual(picture.compressedAxis?.cuts.map(({ label }) => label), [
    "1 s",
    "5 s",
    "30 s",
    "3.4 s",
  ]);
  deepEqual(rows.flatMap(({ says = [] }) => says), [
    "451 4.3.0 Requested action aborted: local error in processing",
    "451 again",
    "451 again",
  ]);
  equal(rows.every(({ missingParent }) => missingParent === undefined), true);
  deepEqual(new Set(diagram?.edges.map(({ state }) => state)), new Set(["done"]));
});
