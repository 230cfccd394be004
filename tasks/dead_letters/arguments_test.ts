import { deepEqual, equal, match } from "node:assert/strict";
import { STATE_DIRECTORY } from "@playground/tasks/running-system";
import { type DeadLettersCommand, HELP, parseArguments } from "./arguments.ts";

const ID = "11111111-2222-4333-8444-555555555555";

for (
  const [line, command] of [
    ["", { name: "list", json: false }],
    ["list --json", { name: "list", json: true }],
    [`show ${ID}`, { name: "show", id: ID, json: false, body: false }],
    [`show ${ID} --json --body`, { name: "show", id: ID, json: true, body: true }],
    [`requeue ${ID}`, { name: "requeue", target: { kind: "one", id: ID } }],
    ["requeue --all", { name: "requeue", target: { kind: "all" } }],
    [`drop ${ID} --yes`, { name: "drop", target: { kind: "one", id: ID }, yes: true }],
    ["drop --all -y", { name: "drop", target: { kind: "all" }, yes: true }],
    ["drop --all", { name: "drop", target: { kind: "all" }, yes: false }],
  ] as const satisfies readonly (readonly [string, DeadLettersCommand])[]
) {
  Deno.test(`parseArguments() understands "${line}"`, () => {
    deepEqual(parseArguments(words(line)), {
      kind: "run",
      command,
      amqpUrl: undefined,
      stateDirectory: STATE_DIRECTORY,
    });
  });
}

Deno.test("parseArguments() takes the broker's address with any command", () => {
  const parsed = parseArguments(["requeue", "--all", "--amqp", "amqp://broker"]);
  equal(parsed.kind === "run" && parsed.amqpUrl, "amqp://broker");
});

Deno.test("parseArguments() takes the folder of the development system with any command", () => {
  const parsed = parseArguments(["drop", "--all", "--state", "/srv/other"]);
  equal(parsed.kind === "run" && parsed.stateDirectory, "/srv/other");
});

for (
  const [line, problem] of [
    ["bury", /no command "bury"; give one of list, show, requeue, drop/],
    ["show", /show needs an ID/],
    [`list ${ID}`, /list takes no ID/],
    [`show ${ID} ${ID}`, /one ID/],
    ["requeue", /either an ID or --all/],
    [`requeue ${ID} --all`, /either an ID or --all/],
    ["drop", /either an ID or --all/],
    [`requeue ${ID} --yes`, /requeue takes no --yes/],
    ["list --body", /list takes no --body/],
    ["--colour", /--colour/],
    ["toString", /no command "toString"/],
  ] as const
) {
  Deno.test(`parseArguments() refuses "${line}" and says why`, () => {
    const parsed = parseArguments(words(line));
    equal(parsed.kind, "usage");
    match(parsed.kind === "usage" ? parsed.problem : "", problem);
  });
}

Deno.test("parseArguments() wants help whatever else is given", () => {
  deepEqual(parseArguments(["bury", "--help"]), { kind: "help" });
});

Deno.test("HELP tells of every command and fits a terminal of 120 columns", () => {
  for (const name of ["list", "show ID", "requeue ID", "drop ID"]) match(HELP, new RegExp(name));
  deepEqual(HELP.split("\n").filter((line) => line.length > 120), []);
});

function words(line: string): readonly string[] {
  return line.split(" ").filter((word) => word !== "");
}
