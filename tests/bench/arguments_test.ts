import { deepEqual, equal, ok } from "node:assert/strict";
import { argumentsOf, PATH_NAMES } from "./arguments.ts";

const NOTHING = { only: [] };

Deno.test("argumentsOf() measures everything but growth and memory unless told otherwise", () => {
  deepEqual(argumentsOf(NOTHING).names, PATH_NAMES.slice(0, -2));
  deepEqual(argumentsOf({ ...NOTHING, growth: true as const }).names, PATH_NAMES);
});

Deno.test("argumentsOf() takes several names, in the order of the suite", () => {
  const { names } = argumentsOf({ ...NOTHING, only: ["tracing", "accept"] });
  deepEqual(names, ["accept", "tracing"]);
});

Deno.test("argumentsOf() has fewer rounds in the short version, unless they are given", () => {
  ok(argumentsOf({ ...NOTHING, short: true as const }).rounds < argumentsOf(NOTHING).rounds);
  equal(argumentsOf({ ...NOTHING, short: true as const, rounds: 9 }).rounds, 9);
});
