import { match } from "node:assert/strict";
import { Faults } from "@playground/tasks/faults";
import { describeFaults } from "./report.ts";

const NOW_MS = Date.parse("2026-01-01T00:00:00Z");
const commandTo = (words: string) => `deno task ${words} --url there`;
const clock = { now: () => NOW_MS, schedule: () => () => {} };

Deno.test("describeFaults() lists each fault with its parameter and its lesson", () => {
  const text = describeFaults(new Faults({ clock }).list(), NOW_MS, commandTo);
  match(text, /^smtp\n/);
  match(text, /^ {2}smtp\.connect-reply=421\|554 {3}default 421\n {6}greets .*hangs up$/m);
  match(text, /^ {2}mongodb\.delay=1…120000 ms {3}default 2000\n {6}takes .* \(lesson 11\)$/m);
  match(text, /^ {2}mongodb\.down\n/m);
  match(text, /\n\nNo fault is on\. Switch one on: deno task fault smtp\.reply=.* --url there$/);
});
