import { deepEqual, equal, match } from "node:assert/strict";
import { Faults } from "@playground/tasks/faults";
import { describeCommand, describeFaults, parseCommand } from "./command.ts";

for (
  const [words, expected, what] of [
    [[], { kind: "list" }, "list the faults"],
    [["clear"], { kind: "clear" }, "clear the faults"],
    [["clear", "smtp.reply"], { kind: "clear", name: "smtp.reply" }, "clear smtp.reply"],
    [["rabbitmq.nack"], { kind: "set", name: "rabbitmq.nack", setting: {} }, "set rabbitmq.nack"],
    [
      ["smtp.reply=a=b"],
      { kind: "set", name: "smtp.reply", setting: { value: "a=b" } },
      "set smtp.reply",
    ],
    [
      ["smtp.reply=451", "for=60s", "probability=0.3"],
      {
        kind: "set",
        name: "smtp.reply",
        setting: { value: "451", forMs: 60_000, probability: 0.3 },
      },
      "set smtp.reply",
    ],
  ] as const
) {
  Deno.test(`parseCommand() and describeCommand() understand "${words.join(" ")}"`, () => {
    deepEqual(parseCommand(words), expected);
    equal(describeCommand(expected), what);
  });
}

for (
  const [words, problem] of [
    [["clear", "a", "b"], /at most one name/],
    [["clear", "smtp.repyl"], /no fault smtp\.repyl \(did you mean smtp\.reply\?/],
    [["nack"], /did you mean rabbitmq\.nack\?/],
    [["rabbit.freeze"], /did you mean rabbitmq\.freeze\?/],
    [["drop-after-dat=1"], /did you mean smtp\.drop-after-data\?/],
    [["mongodb.slow"], /did you mean mongodb\.down\?/],
    [["xyzzy=1"], /no fault xyzzy \(deno task fault lists them\)/],
    [[""], /no fault {2}\(deno task fault lists them\)/],
    [["smtp.reply", "probability"], /not a probability/],
    [["smtp.reply", "probability="], /not a probability/],
    [["smtp.reply", "probability=1.01"], /not a probability/],
    [["smtp.reply", "for=60"], /not a time/],
    [["smtp.reply", "for"], /not a time/],
    [["smtp.reply", "b"], /b is neither/],
  ] as const
) {
  Deno.test(`parseCommand() refuses "${words.join(" ")}"`, () => {
    const parsed = parseCommand(words);
    equal(parsed.kind, "usage");
    match(parsed.kind === "usage" ? parsed.problem : "", problem);
  });
}

const commandTo = (words: string) => `deno task ${words} --url there`;

Deno.test("describeFaults() lists each fault with its parameter and its lesson", () => {
  const text = describeFaults(new Faults().list(), commandTo);
  match(text, /^smtp\n/);
  match(text, /^ {2}smtp\.connect-reply=421\|554 {3}default 421\n {6}greets .*hangs up$/m);
  match(text, /^ {2}mongodb\.delay=1…120000 ms {3}default 2000\n {6}waits .* \(lesson 11\)$/m);
  match(text, /^ {2}mongodb\.down\n/m);
  match(text, /\n\nNo fault is on\. Switch one on: deno task fault smtp\.reply=.* --url there$/);
});
