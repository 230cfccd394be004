import { equal, match } from "node:assert/strict";
import { Faults } from "@playground/tasks/faults";
import { describeCommand, describeFaults, describeState } from "./report.ts";

const NOW_MS = Date.parse("2026-01-01T00:00:00Z");
const commandTo = (words: string) => `deno task ${words} --url there`;
const clock = { now: () => NOW_MS, schedule: () => () => {} };

Deno.test("describeFaults() lists each fault with its parameter and its lesson", () => {
  const text = describeFaults(new Faults({ clock }).list(), NOW_MS, commandTo);
  match(text, /^smtp\n/);
  match(text, /^ {2}smtp\.connect-reply=421\|554 {3}default 421\n {6}greets .*hangs up$/m);
  match(text, /^ {2}mongodb\.delay=1…120000 ms {3}default 2000\n {6}waits .* \(lesson 11\)$/m);
  match(text, /^ {2}mongodb\.down\n/m);
  match(text, /\n\nNo fault is on\. Switch one on: deno task fault smtp\.reply=.* --url there$/);
});

Deno.test("describeFaults() marks what is on", () => {
  const faults = new Faults({ clock });
  faults.set("mongodb.down", { forMs: 1_500 });
  const text = describeFaults(faults.list(), NOW_MS, commandTo);
  match(text, /^● mongodb\.down\n.*\n {6}mongodb\.down is on, 2 s left, 0 hits$/m);
  match(text, /\n\nOn: mongodb\.down\. Switch all off: deno task fault clear --url there$/);
});

Deno.test("describeState() tells value, probability, time and hits", () => {
  const faults = new Faults({ clock, random: () => 0 });
  equal(describeState(faults.describe("smtp.reply"), NOW_MS), "smtp.reply is off");
  faults.set("smtp.reply", { value: "452", probability: 0.25 });
  faults.hit("smtp.reply");
  equal(
    describeState(faults.describe("smtp.reply"), NOW_MS),
    "smtp.reply=452 is on, probability 0.25, until it is cleared, 1 hit",
  );
});

for (
  const [command, expected] of [
    [{ kind: "list" }, "list the faults"],
    [{ kind: "set", name: "smtp.reply", setting: {} }, "set smtp.reply"],
    [{ kind: "clear", name: "smtp.reply" }, "clear smtp.reply"],
    [{ kind: "clear", name: undefined }, "clear the faults"],
  ] as const
) {
  Deno.test(`describeCommand() says "${expected}"`, () => {
    equal(describeCommand(command), expected);
  });
}
