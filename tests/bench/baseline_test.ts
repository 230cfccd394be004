import { deepEqual, equal } from "node:assert/strict";
import { baselineOf, regressions } from "./baseline.ts";
import { figureRow, ratioRow } from "./row.ts";

const facts = (id: string) => ({ id, what: id, components: "-" as const });

Deno.test("regressions() finds a ratio that fell by more than three tenths, and no other", () => {
  const rows = [
    ratioRow(facts("fell"), [69], [100]),
    ratioRow(facts("wavers"), [71], [100]),
    ratioRow(facts("rose"), [200], [100]),
  ];
  const fallen = regressions(rows, { fell: 1, wavers: 1, rose: 1 });
  deepEqual(fallen.map(({ row }) => row.id), ["fell"]);
});

Deno.test("regressions() compares neither figures nor what the baseline does not know", () => {
  const rows = [ratioRow(facts("new"), [1], [100]), figureRow(facts("figure"), "ms", [1])];
  deepEqual(regressions(rows, { figure: 100 }), []);
});

Deno.test("regressions() leaves out what could not be measured", () => {
  const result = { kind: "missing", reason: "no broker" } as const;
  deepEqual(regressions([{ ...facts("missing"), result }], { missing: 1 }), []);
});

Deno.test("baselineOf() keeps what was not measured this time, in the order of the names", () => {
  const baseline = baselineOf([ratioRow(facts("b"), [1], [3])], { c: 0.5, b: 9, a: 0.7 });
  equal(JSON.stringify(baseline), '{"a":0.7,"b":0.33,"c":0.5}');
});
