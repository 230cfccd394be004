import { deepEqual, equal } from "node:assert/strict";
import { baselineOf, regressions } from "./baseline.ts";
import { figureRow, processorRow, ratioRow } from "./row.ts";

const processor = (id: string, microseconds: number, bareMicroseconds: number) =>
  processorRow(facts(id), [NaN, microseconds], [NaN, bareMicroseconds]);
const facts = (id: string) => ({ id, what: id, components: "-" as const });

Deno.test("regressions() finds a ratio that fell by more than three tenths, and no other", () => {
  const rows = [
    processor("fell", 100, 69),
    processor("wavers", 100, 71),
    processor("rose", 100, 200),
  ];
  const fallen = regressions(rows, { fell: 1, wavers: 1, rose: 1 });
  deepEqual(fallen.map(({ row }) => row.id), ["fell"]);
});

Deno.test("regressions() compares neither figures, nor rates, nor what is not known on both sides", () => {
  const rows = [
    processor("new", 100, 1),
    figureRow(facts("figure"), "ms", [1]),
    ratioRow(facts("rate"), [1], [100]),
    { ...facts("missing"), result: { kind: "missing", reason: "no broker" } },
  ] as const;
  deepEqual(regressions(rows, { figure: 100, rate: 1, missing: 1 }), []);
});

Deno.test("baselineOf() keeps what was not measured this time, in the order of the names", () => {
  const baseline = baselineOf([
    processor("b", 3, 1),
    ratioRow(facts("rate"), [1], [3]),
  ], { c: 0.5, b: 9, a: 0.7 });
  equal(JSON.stringify(baseline), '{"a":0.7,"b":0.33,"c":0.5}');
});
