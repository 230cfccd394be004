import { deepEqual } from "node:assert/strict";
import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import { type ExplainedSpan, isToBeMended, type Lesson, missingIn, remarksOn } from "./lesson.ts";

function span(id: string, tags: Readonly<Record<string, string>> = {}): ZipkinSpan {
  return { traceId: "a", id, name: "send-email", timestamp: Number(id), tags };
}

const SENT = span("1", { "smtp.reply_code": "250" });
const FAILED = span("2", { "smtp.reply_code": "451", error: "451 not now" });
const EXPECTED: ExplainedSpan = { name: "send-email", isFailed: true, explanation: "why" };
const LESSON: Lesson = {
  number: 1,
  title: "",
  introduction: "",
  faults: [],
  endState: "any",
  expectedSpans: [EXPECTED],
  conclusion: "",
};

Deno.test("missingIn() names spans that must be absent, missing parents, and spans that should be lost", () => {
  const lesson = {
    ...LESSON,
    expectedSpans: [],
    absentSpans: [{ name: "send-email", isFailed: true }],
    lacksOneOf: ["send-email"],
  };
  const snapshot = { spans: [FAILED, { ...SENT, parentId: "9" }], state: undefined, elapsedMs: 0 };
  deepEqual(missingIn(lesson, snapshot), [
    "send-email: unexpected",
    "there is every span of send-email, of which one should be missing",
  ]);
  deepEqual(missingIn({ ...lesson, absentSpans: [], endState: "archived" }, snapshot), [
    "send-email: its parent 9 is not here",
    "there is every span of send-email, of which one should be missing",
    "the email is not archived but unknown",
  ]);
});

Deno.test("isToBeMended() counts failures, or waits", () => {
  const mended = (mendedAfter: NonNullable<Lesson["mendedAfter"]>) => {
    const snapshot = { spans: [SENT, FAILED], state: undefined, elapsedMs: 50 };
    return isToBeMended({ ...LESSON, mendedAfter }, snapshot);
  };
  deepEqual([1, 2].map((times) => mended({ failedSpan: "send-email", times })), [true, false]);
  deepEqual([49, 50].map((elapsedMs) => mended({ elapsedMs })), [true, false]);
});

Deno.test("remarksOn() explains each expected span at its first row, and shows tags at all", () => {
  const again = { ...EXPECTED, explanation: "again", shownTags: ["smtp.reply_code"] };
  const remarks = remarksOn(
    { ...LESSON, expectedSpans: [EXPECTED, again] },
    [FAILED, { ...FAILED, id: "4" }, SENT],
  );
  deepEqual([...remarks], [["a/2", ["why"]], ["a/4", ["again", "smtp.reply_code: 451"]]]);
});
