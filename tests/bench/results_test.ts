import { equal, match, ok } from "node:assert/strict";
import { resultsDocument, resultsTable } from "./results.ts";
import { figureRow, type Goal, meetsGoal, ratioRow } from "./row.ts";

const facts = (goal?: Goal) => ({
  id: "id",
  what: "Accept",
  components: "real" as const,
  ...(goal === undefined ? {} : { goal }),
});

Deno.test("meetsGoal() holds the median against the goal, from whichever side it is", () => {
  equal(meetsGoal(ratioRow(facts({ atLeast: 0.7 }), [70], [100])), true);
  equal(meetsGoal(ratioRow(facts({ atLeast: 0.7 }), [69], [100])), false);
  equal(meetsGoal(figureRow(facts({ atMost: 5 }), "ms", [6, 5, 1])), true);
  equal(meetsGoal(figureRow(facts(), "ms", [5])), undefined);
});

Deno.test("resultsTable() shows ratios, figures and goals, or why something was not measured", () => {
  const table = resultsTable([
    ratioRow(facts({ atLeast: 0.7 }), [60, 80, 70], [100, 100, 100]),
    figureRow(facts({ atMost: 1_000 }), "ms", [1_234]),
    { ...facts(), result: { kind: "missing", reason: "the broker is away" } },
  ]);
  match(table, /not measured.*the broker is away/);
  match(table, /\| Accept +\| real +\| 0\.70 +\| 0\.65 … 0\.75 +\| ≥ 0\.7 +\| met/);
  match(table, /\| Accept +\| real +\| 1,234 ms +\| +\| ≤ 1,000 ms +\| missed/);
});

Deno.test("resultsDocument() names machine, versions and date, and keeps the notes", () => {
  const document = resultsDocument({
    date: "2026-11-25",
    machine: "Some CPU, 2 cores",
    rounds: 5,
    rows: [],
  }, "## Notes\n\nMine.\n");
  ok(document.includes("2026-11-25, Some CPU, 2 cores. "));
  ok(document.endsWith("\n## Notes\n\nMine.\n"));
});
