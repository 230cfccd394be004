import { deepEqual, equal, match } from "node:assert/strict";
import type { SpanRow } from "@playground/shared/waterfall";
import { type ExpectedSpan, explanationsOf, type Lesson, missingIn, rowsOf } from "./lesson.ts";

const TRACE_ID = "a".repeat(32);

function row(name: string, id: string, rest: Partial<SpanRow> = {}): SpanRow {
  return {
    traceId: TRACE_ID,
    id,
    name,
    services: [],
    kinds: [],
    isFinished: true,
    interval: { fromUs: 0, toUs: 2_000_000 },
    tags: {},
    ...rest,
  };
}

const SENT = row("send-email", "1", { tags: { "smtp.reply_code": "250" } });
const FAILED = row("send-email", "2", { error: "451 not now", tags: { "smtp.reply_code": "451" } });
const EXPECTED: ExpectedSpan = { span: "send-email", isFailed: true, explanation: "why" };

for (
  const [what, change, expected] of [
    ["failure", {}, ["2"]],
    ["success", { isFailed: false }, ["1"]],
    ["name", { span: "emailer" }, []],
    ["error", { error: /^451/ }, ["2"]],
    ["another error", { error: /^550/ }, []],
    ["tags", { tags: { "smtp.reply_code": "451" } }, ["2"]],
    ["other tags", { tags: { "smtp.reply_code": "250" } }, []],
    ["duration", { minDurationMs: 2_000 }, ["2"]],
    ["a longer duration", { minDurationMs: 2_001 }, []],
  ] as const
) {
  Deno.test(`rowsOf() looks at the ${what}`, () => {
    deepEqual(rowsOf({ ...EXPECTED, ...change }, [SENT, FAILED]).map(({ id }) => id), expected);
  });
}

const LESSON: Lesson = {
  number: 1,
  title: "",
  introduction: "",
  faults: [],
  expectedSpans: [EXPECTED],
  conclusion: "",
};

function missing(lesson: Partial<Lesson>, rows: readonly SpanRow[], state?: "archived"): string {
  return missingIn({ ...LESSON, ...lesson }, {
    rows,
    state: state === undefined ? undefined : { name: state },
    elapsedMs: 0,
  }).join("\n");
}

Deno.test("missingIn() misses nothing when all is seen", () => {
  equal(missing({}, [SENT, FAILED]), "");
  equal(missing({ endState: "archived" }, [SENT, FAILED], "archived"), "");
});

Deno.test("missingIn() names expected spans, spans that should not be, states and parents", () => {
  match(missing({}, [SENT]), /no failed span send-email is seen/);
  match(
    missing({ expectedSpans: [{ ...EXPECTED, minCount: 2 }] }, [FAILED]),
    /with \{"minCount":2\}/,
  );
  match(missing({ absentSpans: ["send-email"] }, [FAILED]), /there is a span send-email/);
  match(missing({ endState: "archived" }, [FAILED]), /the email is not archived but unknown/);
  const orphan = row("emailer", "3", { parentId: "9" });
  match(missing({ endState: "archived" }, [FAILED, orphan], "archived"), /not here yet/);
});

Deno.test("missingIn() holds rows to one value of a shared tag", () => {
  const lesson = {
    expectedSpans: [{ ...EXPECTED, isFailed: false, minCount: 2, sharedTag: "id" }],
  };
  const stored = (id: string, value: string) => row("send-email", id, { tags: { id: value } });
  equal(missing(lesson, [stored("1", "x"), stored("2", "x")]), "");
  match(missing(lesson, [stored("1", "x"), stored("2", "y")]), /"sharedTag":"id"/);
});

Deno.test("explanationsOf() explains each row once, each expected span at its first row", () => {
  const again = { ...EXPECTED, explanation: "again" };
  const explanations = explanationsOf(
    { ...LESSON, expectedSpans: [EXPECTED, again] },
    [FAILED, { ...FAILED, id: "4" }, SENT],
  );
  deepEqual([...explanations], [[`${TRACE_ID}/2`, "why"], [`${TRACE_ID}/4`, "again"]]);
});
