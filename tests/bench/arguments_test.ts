import { deepEqual } from "node:assert/strict";
import { argumentsOf, commandLine, PATH_NAMES } from "./arguments.ts";

for (
  const [line, names] of [
    ["", PATH_NAMES.slice(0, -2)],
    ["--growth", PATH_NAMES],
    ["--short", PATH_NAMES.slice(0, -3)],
    ["--short --only tracing accept", ["accept", "tracing"]],
  ] as const
) {
  Deno.test(`argumentsOf() measures ${names.join(", ")} for "${line}"`, () => {
    const args = line.match(/\S+/g) ?? [];
    deepEqual(argumentsOf(commandLine.parse(args, { from: "user" }).opts()).names, names);
  });
}
