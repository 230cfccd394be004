import { deepEqual, equal, ok } from "node:assert/strict";
import { type BenchArguments, HELP, parseArguments, PATH_NAMES } from "./arguments.ts";

function run(...args: readonly string[]): BenchArguments {
  const parsed = parseArguments(args);
  ok(parsed.kind === "run", JSON.stringify(parsed));
  return parsed.arguments;
}

function problem(...args: readonly string[]): string {
  const parsed = parseArguments(args);
  ok(parsed.kind === "usage", JSON.stringify(parsed));
  return parsed.problem;
}

Deno.test("parseArguments() measures everything but growth unless told otherwise", () => {
  deepEqual(run().names, PATH_NAMES.filter((name) => name !== "growth"));
  deepEqual(run("--growth").names, PATH_NAMES);
});

Deno.test("parseArguments() takes several names, in the order of the suite", () => {
  deepEqual(run("--only", "tracing", "--only", "accept").names, ["accept", "tracing"]);
});

Deno.test("parseArguments() has fewer rounds in the short version, unless they are given", () => {
  ok(run("--short").rounds < run().rounds);
  equal(run("--short", "--rounds", "9").rounds, 9);
});

Deno.test("parseArguments() says what is wrong with an argument", () => {
  ok(problem("--only", "everything").includes("names nothing"));
  ok(problem("--rounds", "0").includes("whole number"));
  ok(problem("--fast").includes("--fast"));
});

Deno.test("parseArguments() answers --help whatever else is said, and it names each path", () => {
  equal(parseArguments(["--short", "--help"]).kind, "help");
  for (const name of PATH_NAMES) ok(HELP.includes(name), name);
});
