import { partialDeepStrictEqual } from "node:assert/strict";
import { argumentsOf, commandLine } from "./arguments.ts";

Deno.test.each([
  ["", { durationMs: 60_000, ratePerSecond: 40, components: "stand-ins", logFile: undefined }],
  ["--emails=10000", { durationMs: 250_000, ratePerSecond: 40 }],
  ["--emails=100 --seconds=10", { durationMs: 10_000, ratePerSecond: 10 }],
  ["--seed=7 --own --log=x.log", { seed: 7, components: "own", logFile: "x.log" }],
  ["--own --cluster", { components: "cluster" }],
])('argumentsOf() understands "%s"', (line, expected) => {
  const args = line.match(/\S+/g) ?? [];
  partialDeepStrictEqual(argumentsOf(commandLine.parse(args, { from: "user" }).opts()), expected);
});
