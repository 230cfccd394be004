import { deepEqual, equal, match } from "node:assert/strict";
import { parseCommand } from "./arguments.ts";

for (
  const [words, expected] of [
    [[], { kind: "list" }],
    [["clear"], { kind: "clear", name: undefined }],
    [["clear", "smtp.reply"], { kind: "clear", name: "smtp.reply" }],
    [["rabbitmq.nack"], { kind: "set", name: "rabbitmq.nack", setting: {} }],
    [["smtp.reply=451"], { kind: "set", name: "smtp.reply", setting: { value: "451" } }],
    [["smtp.reply=a=b"], { kind: "set", name: "smtp.reply", setting: { value: "a=b" } }],
    [["smtp.reply=451", "for=60s", "probability=0.3"], {
      kind: "set",
      name: "smtp.reply",
      setting: { value: "451", forMs: 60_000, probability: 0.3 },
    }],
  ] as const
) {
  Deno.test(`parseCommand() understands "${words.join(" ")}"`, () => {
    deepEqual(parseCommand(words), expected);
  });
}

for (
  const [words, problem] of [
    [["clear", "a", "b"], /one name at most/],
    [["a", "probability"], /not a probability/],
    [["a", "probability="], /not a probability/],
    [["a", "probability=1.01"], /not a probability/],
    [["a", "for=60"], /not a time/],
    [["a", "for"], /not a time/],
    [["a", "b"], /b is neither/],
  ] as const
) {
  Deno.test(`parseCommand() refuses "${words.join(" ")}"`, () => {
    const parsed = parseCommand(words);
    equal(parsed.kind, "usage");
    match(parsed.kind === "usage" ? parsed.problem : "", problem);
  });
}
