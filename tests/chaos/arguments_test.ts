import { deepEqual, equal, match, partialDeepStrictEqual } from "node:assert/strict";
import { argumentsOf, type ChaosArguments, commandLine } from "./arguments.ts";
import { chooseBacking } from "./backing.ts";

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

for (
  const [line, expected] of [
    ["--seed 7 --rate 2.5 --log x.log", { seed: 7, ratePerSecond: 2.5, logFile: "x.log" }],
    ["--emails 10000", { durationMs: 250_000, ratePerSecond: 40 }],
    ["--emails 100 --seconds 10", { durationMs: 10_000, ratePerSecond: 10 }],
    ["--emails 100 --rate 50", { durationMs: 2_000, ratePerSecond: 50 }],
    ["--real", { components: "real" }],
    ["--own", { components: "own" }],
    ["--own --cluster", { components: "cluster" }],
  ] as const
) {
  Deno.test(`argumentsOf() understands ${line}`, () => {
    partialDeepStrictEqual(run(line), expected);
  });
}

for (const line of ["--real --own", "--emails 1 --seconds 1 --rate 1"]) {
  Deno.test(`argumentsOf() refuses ${line} and says why`, () => {
    const [name = ""] = line.split(" ");
    match(String(run(line)), new RegExp(name));
  });
}

Deno.test("chooseBacking() says which variables --real lacks", async () => {
  const url = "amqp://127.0.0.1:1";
  const variables = { TEST_AMQP_URL: url, TEST_MONGODB_URL: "mongodb://127.0.0.1:2" };
  const lacking = await chooseBacking("real", variables);
  equal(lacking.ok ? "" : lacking.problem, "--real needs TEST_ZIPKIN_URL; set them");
  const chosen = await chooseBacking("real", { ...variables, TEST_ZIPKIN_URL: "http://[::1]:3" });
  equal(chosen.ok && chosen.backing.outlivesRun, true);
});
