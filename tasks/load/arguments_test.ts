import { deepEqual, equal, match } from "node:assert/strict";
import { STATE_DIRECTORY } from "@playground/tasks/running-system";
import { HELP, parseArguments } from "./arguments.ts";

Deno.test("parseArguments() has a default for everything", () => {
  deepEqual(parseArguments([]), {
    kind: "run",
    arguments: {
      plan: {
        ratePerSecond: undefined,
        count: 100,
        durationMs: undefined,
        concurrency: 16,
        badRatio: 0,
        bodySizeBytes: 1000,
      },
      timeoutMs: 60_000,
      json: false,
      server: undefined,
      stateDirectory: STATE_DIRECTORY,
    },
  });
});

Deno.test("parseArguments() understands every option", () => {
  const line =
    "--rate 2.5 --count 7 --duration 1.5 --concurrency 3 --bad-ratio 0.25 --body-size 10 --timeout 9 --json " +
    "--server http://127.0.0.1:1 --state /srv/other";
  deepEqual(parseArguments(line.split(" ")), {
    kind: "run",
    arguments: {
      plan: {
        ratePerSecond: 2.5,
        count: 7,
        durationMs: 1_500,
        concurrency: 3,
        badRatio: 0.25,
        bodySizeBytes: 10,
      },
      timeoutMs: 9_000,
      json: true,
      server: new URL("http://127.0.0.1:1"),
      stateDirectory: "/srv/other",
    },
  });
});

Deno.test("parseArguments() sets no count where there is a duration", () => {
  const parsed = parseArguments(["--duration", "5"]);
  equal(parsed.kind === "run" && parsed.arguments.plan.count, undefined);
});

for (
  const line of [
    "--rate 0",
    "--rate fast",
    "--rate Infinity",
    "--count 0",
    "--count 1.5",
    "--duration -1",
    "--concurrency 1001",
    "--bad-ratio 1.1",
    "--bad-ratio=",
    "--body-size 1048577",
    "--timeout 0",
    "--server nowhere",
    "--colour",
    "surplus",
  ]
) {
  Deno.test(`parseArguments() refuses ${line} and names it`, () => {
    const parsed = parseArguments(line.split(" "));
    equal(parsed.kind, "usage");
    const [name = ""] = line.split(/[ =]/);
    match(parsed.kind === "usage" ? parsed.problem : "", new RegExp(name));
  });
}

Deno.test("HELP tells of every option and fits a terminal of 120 columns", () => {
  for (
    const name of ["rate", "count", "duration", "concurrency", "bad-ratio", "body-size", "timeout"]
  ) match(HELP, new RegExp(`--${name} [A-Z]`));
  deepEqual(HELP.split("\n").filter((line) => line.length > 120), []);
  deepEqual(parseArguments(["-h"]), { kind: "help" });
});
