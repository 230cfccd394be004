import { equal } from "node:assert/strict";
import { STATE_DIRECTORY } from "@playground/tasks/running-system";
import type { Lesson } from "./lesson.ts";
import { describeAnswers, describeEnd } from "./report.ts";

const PAPER = { columns: 80, colour: false };
const TRACE_ID = "a".repeat(32);
const PAGE_URL = `http://127.0.0.1:8080/#trace=${TRACE_ID}&email=1`;
const LESSON: Lesson = {
  number: 1,
  title: "A title",
  introduction: "An introduction.",
  faults: [{ name: "smtp.reply", value: "451" }],
  expectedSpans: [],
  conclusion: "A conclusion.",
};

function accepted(pageUrl: string | undefined) {
  const email = { id: "1", messageId: "<1@example.com>", traceId: TRACE_ID, sampled: true };
  return { status: "accepted", email: { ...email, pageUrl } } as const;
}

Deno.test("describeAnswers() links to the email, for as long as the link lives", () => {
  equal(describeAnswers([accepted(PAGE_URL)], false), `202  ${PAGE_URL}`);
  equal(describeAnswers([accepted(PAGE_URL)], true), `202  ${PAGE_URL}  (while the lesson runs)`);
  equal(describeAnswers([accepted(undefined)], true), `202  ${TRACE_ID}`);
});

for (
  const [stillOn, sentence] of [
    [[], "Nothing is broken any more."],
    [
      ["smtp.delay", "zipkin.reply"],
      "Still broken: smtp.delay, zipkin.reply; deno task fault clear mends it.",
    ],
    [
      undefined,
      "The stand-ins do not tell whether anything is still broken; deno task fault clear mends it.",
    ],
  ] as const
) {
  Deno.test(`describeEnd() ends with "${sentence}", seen or not`, () => {
    for (const missing of [[], ["no span"]]) {
      const result = {
        missing,
        spans: [],
        checkResults: [],
        ...stillOn === undefined ? {} : { stillOn },
      };
      equal(describeEnd(LESSON, result, PAPER, STATE_DIRECTORY).split("\n").at(-1), sentence);
      const elsewhere = describeEnd(LESSON, result, PAPER, "/srv/other");
      equal(elsewhere.includes("clear --state /srv/other"), sentence.includes("clear"));
    }
  });
}
