import { equal } from "node:assert/strict";
import { STATE_DIRECTORY } from "@playground/tasks/running-system";
import type { Lesson } from "./lesson.ts";
import { describeAnswer, describeEnd } from "./report.ts";

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

const SEEN = { missing: [], spans: [], checkResults: [], faultTime: { fromUs: 0, toUs: 0 } };

function accepted(pageUrl: string | undefined) {
  const email = { id: "1", messageId: "<1@example.com>", traceId: TRACE_ID, sampled: true };
  return { status: "accepted", email: { ...email, pageUrl } } as const;
}

Deno.test("describeAnswer() links to the email where the link stays valid", () => {
  equal(describeAnswer(accepted(PAGE_URL), true), `202  ${PAGE_URL}`);
  equal(describeAnswer(accepted(PAGE_URL), false), `202  trace ${TRACE_ID}`);
  equal(describeAnswer(accepted(undefined), true), `202  trace ${TRACE_ID}`);
});

Deno.test("describeEnd() says nothing of faults where none was on", () => {
  const end = describeEnd({ ...LESSON, faults: [] }, { ...SEEN, stillOn: [] }, PAPER, "/srv/x");
  equal(end.split("\n").at(-1), "Seen as described.");
});

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
