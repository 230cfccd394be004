import { deepEqual, equal, match } from "node:assert/strict";
import { parseEmailDocument } from "@playground/shared/email";
import { STATE_DIRECTORY } from "@playground/tasks/running-system";
import { DEFAULT_EMAIL, HELP, parseArguments, toDocument } from "./arguments.ts";

Deno.test("parseArguments() leaves to others what was not given", () => {
  deepEqual(parseArguments([]), {
    kind: "run",
    arguments: {
      given: {
        from: undefined,
        fromName: undefined,
        to: undefined,
        toName: undefined,
        subject: undefined,
        body: undefined,
      },
      wait: true,
      timeoutMs: 90_000,
      json: false,
      server: undefined,
      stateDirectory: STATE_DIRECTORY,
    },
  });
});

Deno.test("parseArguments() understands every option", () => {
  const parsed = parseArguments([
    ...["--from", "a@example.com", "--from-name", "A", "--to", "b@example.com", "--to-name", "B"],
    ...["--subject", "S", "--body", "-", "--no-wait", "--timeout", "1.5", "--json"],
    ...["--server", "http://127.0.0.1:1", "--state", "/srv/other"],
  ]);
  deepEqual(parsed, {
    kind: "run",
    arguments: {
      given: {
        from: "a@example.com",
        fromName: "A",
        to: "b@example.com",
        toName: "B",
        subject: "S",
        body: "-",
      },
      wait: false,
      timeoutMs: 1_500,
      json: true,
      server: new URL("http://127.0.0.1:1"),
      stateDirectory: "/srv/other",
    },
  });
});

for (
  const [args, problem] of [
    [["--timeout", "soon"], /--timeout soon/],
    [["--timeout", "0"], /--timeout 0/],
    [["--timeout=-1"], /--timeout -1/],
    [["--server", "nowhere"], /--server nowhere/],
    [["--colour"], /--colour/],
    [["surplus"], /surplus/],
    [["--to"], /--to/],
  ] as const
) {
  Deno.test(`parseArguments() refuses ${args.join(" ")} and says why`, () => {
    const parsed = parseArguments(args);
    equal(parsed.kind, "usage");
    match(parsed.kind === "usage" ? parsed.problem : "", problem);
  });
}

Deno.test("parseArguments() wants help whatever else is given", () => {
  deepEqual(parseArguments(["--timeout", "soon", "-h"]), { kind: "help" });
});

Deno.test("HELP fits a terminal of 120 columns", () => {
  deepEqual(HELP.split("\n").filter((line) => line.length > 120), []);
});

Deno.test("toDocument() makes a valid email of nothing", () => {
  const document = toDocument({});
  deepEqual(parseEmailDocument(document), { ok: true, document });
  deepEqual(document, {
    sender: { address: DEFAULT_EMAIL.from },
    recipient: { address: DEFAULT_EMAIL.to },
    subject: DEFAULT_EMAIL.subject,
    body: DEFAULT_EMAIL.body,
  });
});

Deno.test("toDocument() takes what was given, empty text included", () => {
  const given = { from: "a", fromName: "A", to: "b", toName: "B", subject: "", body: "x" };
  deepEqual(toDocument(given), {
    sender: { address: "a", display: "A" },
    recipient: { address: "b", display: "B" },
    subject: "",
    body: "x",
  });
});
