import { deepEqual, equal } from "node:assert/strict";
import { baselineOf, regressions } from "./baseline.ts";
import { processorRatio, rateRatio, rowsOf } from "./row.ts";

const row = rowsOf("accept", "Accept", "-");
const processor = (id: string, microseconds: number, bareMicroseconds: number) =>
  row(id, "", processorRatio(work(microseconds), work(bareMicroseconds)));
const work = (microseconds: number) => [{ rate: 1, microseconds }];
const RATE = row("rate", "", rateRatio([{ rate: 1 }], [{ rate: 100 }]));

Deno.test("regressions() finds a ratio that fell by more than three tenths, and no other", () => {
  const rows = [
    processor("fell", 100, 69),
    processor("wavers", 100, 71),
    processor("rose", 100, 200),
  ];
  const baseline = { "accept.fell": 1, "accept.wavers": 1, "accept.rose": 1 };
  deepEqual(regressions(rows, baseline).map(({ row }) => row.id), ["accept.fell"]);
});

Deno.test("regressions() compares neither figures, nor rates, nor what is not known on both sides", () => {
  const rows = [
    processor("new", 100, 1),
    row("figure", "", { unit: "ms", samples: [1] }),
    RATE,
    row("missing", "", { samples: [], detail: "no broker" }),
  ];
  const baseline = { "accept.figure": 100, "accept.rate": 1, "accept.missing": 1 };
  deepEqual(regressions(rows, baseline), []);
});

Deno.test("baselineOf() keeps what was not measured this time, in the order of the names", () => {
  const earlier = { "accept.c": 0.5, "accept.b": 9, "accept.a": 0.7 };
  const baseline = baselineOf([processor("b", 3, 1), RATE], earlier);
  equal(JSON.stringify(baseline), '{"accept.a":0.7,"accept.b":0.33,"accept.c":0.5}');
});
