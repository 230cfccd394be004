import { equal } from "node:assert/strict";
import { STATE_DIRECTORY } from "@playground/tasks/running-system";
import type { Lesson } from "./lesson.ts";
import { describeEnd } from "./report.ts";

const PAPER = { columns: 80, colour: false };
const LESSON: Lesson = {
  number: 1,
  title: "A title",
  introduction: "An introduction.",
  faults: [{ name: "smtp.reply", value: "451" }],
  expectedSpans: [],
  conclusion: "A conclusion.",
};

const SEEN = { missing: [], spans: [], checkResults: [], faultTime: { fromUs: 0, toUs: 0 } };

for (
  const [stillOn, sentence] of [
    [[], "All faults are off."],
    [
      ["smtp.delay", "zipkin.reply"],
      "Still on: smtp.delay, zipkin.reply; deno task fault clear switches it off.",
    ],
    [
      undefined,
      "The stand-ins do not say whether a fault is still on; deno task fault clear switches it off.",
    ],
  ] as const
) {
  Deno.test(`describeEnd() ends with "${sentence}", seen or not`, () => {
    for (const missing of [[], ["no span"]]) {
      const result = { ...SEEN, missing, ...stillOn === undefined ? {} : { stillOn } };
      equal(describeEnd(LESSON, result, PAPER, STATE_DIRECTORY).split("\n").at(-1), sentence);
      const elsewhere = describeEnd(LESSON, result, PAPER, "/srv/other");
      equal(elsewhere.includes("clear --state /srv/other"), sentence.includes("clear"));
    }
  });
}
