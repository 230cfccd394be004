import { deepEqual, equal, match } from "node:assert/strict";
import { HELP, parseArguments } from "./arguments.ts";

function run(line: string) {
  const parsed = parseArguments(line === "" ? [] : line.split(" "));
  return parsed.kind === "run" ? parsed.arguments : undefined;
}

Deno.test("parseArguments() has a default for everything", () => {
  deepEqual(run(""), {
    seed: undefined,
    durationMs: 60_000,
    ratePerSecond: 40,
    components: "stand-ins",
    logFile: undefined,
  });
});

Deno.test("parseArguments() understands every option", () => {
  deepEqual(run("--seed 7 --seconds 600 --rate 2.5 --real --log x.log"), {
    seed: 7,
    durationMs: 600_000,
    ratePerSecond: 2.5,
    components: "real",
    logFile: "x.log",
  });
});

for (
  const [line, seconds, rate] of [
    ["--emails 10000", 250, 40],
    ["--emails 100 --seconds 10", 10, 10],
    ["--emails 100 --rate 50", 2, 50],
  ] as const
) {
  Deno.test(`parseArguments() makes ${seconds} s at ${rate}/s of ${line}`, () => {
    const { durationMs, ratePerSecond } = run(line) ?? {};
    deepEqual([durationMs, ratePerSecond], [seconds * 1000, rate]);
  });
}

for (
  const [line, components] of [["--own", "own"], ["--cluster", "cluster"], [
    "--own --cluster",
    "cluster",
  ]] as const
) {
  Deno.test(`parseArguments() understands ${line}`, () => {
    equal(run(line)?.components, components);
  });
}

for (
  const line of [
    "--real --own",
    "--seed -1",
    "--seed 4294967296",
    "--seed x",
    "--seconds 0",
    "--rate Infinity",
    "--emails none",
    "--emails 1 --seconds 1 --rate 1",
    "--colour",
  ]
) {
  Deno.test(`parseArguments() refuses ${line} and names it`, () => {
    const parsed = parseArguments(line.split(" "));
    const [name = ""] = line.split(" ");
    match(parsed.kind === "usage" ? parsed.problem : "", new RegExp(name));
  });
}

Deno.test("HELP tells of every option and fits a terminal of 120 columns", () => {
  for (
    const name of [
      "seconds N",
      "rate N",
      "emails N",
      "seed N",
      "real",
      "own",
      "cluster",
      "log FILE",
    ]
  ) {
    match(HELP, new RegExp(`--${name}`));
  }
  deepEqual(HELP.split("\n").filter((line) => line.length > 120), []);
  equal(parseArguments(["-h"]).kind, "help");
});
