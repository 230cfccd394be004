import { deepEqual, match, partialDeepStrictEqual } from "node:assert/strict";
import { argumentsOf, type ChaosArguments, commandLine } from "./arguments.ts";

function run(line: string): ChaosArguments | string {
  const args = line.split(" ").filter((word) => word !== "");
  return argumentsOf(commandLine.parse(args, { from: "user" }).opts());
}

Deno.test("argumentsOf() has a default for everything", () => {
  deepEqual(run(""), {
    seed: undefined,
    durationMs: 60_000,
    ratePerSecond: 40,
    components: "stand-ins",
    logFile: undefined,
  });
});

Deno.test("argumentsOf() understands every option", () => {
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
  Deno.test(`argumentsOf() makes ${seconds} s at ${rate}/s of ${line}`, () => {
    partialDeepStrictEqual(run(line), { durationMs: seconds * 1000, ratePerSecond: rate });
  });
}

for (
  const [line, components] of [["--own", "own"], ["--cluster", "cluster"], [
    "--own --cluster",
    "cluster",
  ]] as const
) {
  Deno.test(`argumentsOf() understands ${line}`, () => {
    partialDeepStrictEqual(run(line), { components });
  });
}

for (const line of ["--real --own", "--emails 1 --seconds 1 --rate 1"]) {
  Deno.test(`argumentsOf() refuses ${line} and says why`, () => {
    const [name = ""] = line.split(" ");
    match(String(run(line)), new RegExp(name));
  });
}
