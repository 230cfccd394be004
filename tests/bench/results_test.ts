import { equal, match, ok } from "node:assert/strict";
import { resultsDocument, resultsTable } from "./results.ts";
import { type Goal, meetsGoal, type Row } from "./row.ts";

const row = (samples: readonly number[], goal?: Goal, unit?: string): Row => ({
  id: "id",
  what: "Accept",
  components: "real",
  samples,
  goal,
  ...(unit === undefined ? {} : { unit }),
});

Deno.test("meetsGoal() holds the median against the goal, from whichever side it is", () => {
  equal(meetsGoal(row([0.7], { atLeast: 0.7 })), true);
  equal(meetsGoal(row([0.69], { atLeast: 0.7 })), false);
  equal(meetsGoal(row([6, 5, 1], { atMost: 5 }, "ms")), true);
  equal(meetsGoal(row([5])), undefined);
});

Deno.test("resultsTable() shows ratios, figures and goals, or why something was not measured", () => {
  const table = resultsTable([
    row([0.6, 0.8, 0.7], { atLeast: 0.7 }),
    row([1_234], { atMost: 1_000 }, "ms"),
    { ...row([]), detail: "the broker is away" },
  ]);
  match(table, /not measured.*the broker is away/);
  match(table, /\| Accept +\| real +\| 0\.70 +\| 0\.65 … 0\.75 +\| ≥ 0\.7 +\| met/);
  match(table, /\| Accept +\| real +\| 1,234 ms +\| +\| ≤ 1,000 ms +\| missed/);
});

Deno.test("resultsDocument() names machine, versions and date, and keeps the notes", () => {
  const run = { date: "2026-11-25", machine: "Some CPU, 2 cores", rounds: 5, rows: [] };
  const document = resultsDocument(run, "## Notes\n\nMine.\n");
  ok(document.includes("2026-11-25, Some CPU, 2 cores. "));
  ok(document.endsWith("\n## Notes\n\nMine.\n"));
});
