import { deepEqual, equal, throws } from "node:assert/strict";
import { STATE_DIRECTORY } from "@playground/tasks/running-system";
import { commandLine, type CommonOptions, type DeadLettersCommand } from "./arguments.ts";

const ID = "3f2c8a9e-5f3b-4c55-9d5e-0a4b1c2d3e4f";

function parsed(text: string): readonly [DeadLettersCommand, CommonOptions] {
  let result: readonly [DeadLettersCommand, CommonOptions] | undefined;
  const line = commandLine((command, options) => {
    result = [command, options];
    return Promise.resolve();
  });
  for (const command of [line, ...line.commands]) {
    command.exitOverride().configureOutput({ writeErr: () => {} });
  }
  line.parse(text.split(" ").filter((word) => word !== ""), { from: "user" });
  if (result === undefined) throw new Error("Nothing was run");
  return result;
}

for (
  const [text, command] of [
    ["", { name: "list", json: false }],
    ["--json", { name: "list", json: true }],
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
  Deno.test(`commandLine() understands "${text}"`, () => {
    deepEqual(parsed(text), [command, { state: STATE_DIRECTORY }]);
  });
}

Deno.test("commandLine() takes broker and state folder with any command", () => {
  for (
    const text of ["requeue --all --amqp amqp://a --state /b", "--amqp amqp://a --state /b list"]
  ) {
    deepEqual(parsed(text)[1], { amqp: "amqp://a", state: "/b" });
  }
  equal(parsed("drop --all --state /srv/other")[1].state, "/srv/other");
});

for (
  const [text, problem] of [
    ["bury", /bury|too many arguments/],
    ["show", /missing required argument 'id'/],
    [`list ${ID}`, /too many arguments/],
    [`show ${ID} ${ID}`, /too many arguments/],
    ["requeue", /either an ID or --all/],
    [`requeue ${ID} --all`, /either an ID or --all/],
    ["drop", /either an ID or --all/],
    [`requeue ${ID} --yes`, /--yes/],
    ["list --body", /--body/],
  ] as const
) {
  Deno.test(`commandLine() refuses "${text}" and says why`, () => {
    throws(() => parsed(text), problem);
  });
}
