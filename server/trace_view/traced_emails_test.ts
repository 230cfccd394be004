import { deepEqual, equal, ok } from "node:assert/strict";
import { threadMs } from "@playground/shared/testing";
import { spanKey, type ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import * as fc from "fast-check";
import {
  archived,
  emailIdOf,
  firstAttempt,
  ofEmail,
  polled,
  published,
  received,
  scheduled,
  TRACE_ID,
} from "../testing/email_spans.ts";
import { emailStateOf } from "./email_state.ts";
import { isEmailName, traceNamed } from "./trace_id.js";
import { emailsOf, factsOf, isNamed, keysOf } from "./traced_emails.ts";

const ARCHIVED = [...firstAttempt("delivered"), archived({ atMs: 200 })];
const BOUNCED = firstAttempt("dead-lettered", { error: "550 no such user" });
const JOB: ZipkinSpan = { traceId: TRACE_ID, id: "f".repeat(16), name: "nightly-job" };

/** The same spans, with ids only in those of these names. */
function telling(names: readonly string[], spans: readonly ZipkinSpan[]): readonly ZipkinSpan[] {
  return spans.map((span) => {
    const { "messaging.message.id": id, ...tags } = span.tags ?? {};
    return names.includes(span.name ?? "") && id !== undefined ? span : { ...span, tags };
  });
}

/** The root of these steps is below this span. */
function below({ id }: ZipkinSpan, spans: readonly ZipkinSpan[]): readonly ZipkinSpan[] {
  return spans.map((span) => span.parentId === undefined ? { ...span, parentId: id } : span);
}

/** Two messages of a foreign publisher; both name the span `carrier`. */
const FOREIGN = [1, 2].flatMap((number): readonly ZipkinSpan[] => [
  { ...published(1, { atMs: 0 }), kind: "CONSUMER", id: JOB.id, tags: {} },
  {
    traceId: TRACE_ID,
    id: `c${number}`.padStart(16, "0"),
    parentId: JOB.id,
    name: "emailer",
    timestamp: number,
    tags: {
      correlation_id: emailIdOf(number),
      "messaging.message.id": emailIdOf(number),
      outcome: number === 1 ? "delivered" : "dead-lettered",
    },
  },
]);

Deno.test.each([
  ["no email", [JOB], []],
  ["one email", ofEmail(1, ARCHIVED), [[1, "archived"]]],
  ["an archived one and a dead letter", [...ofEmail(1, ARCHIVED), ...ofEmail(2, BOUNCED)], [
    [1, "archived"],
    [2, "dead-lettered"],
  ]],
  [
    "emails below a job's span",
    [JOB, ...below(JOB, ofEmail(1, BOUNCED)), ...below(JOB, ofEmail(2, ARCHIVED))],
    [[1, "dead-lettered"], [2, "archived"]],
  ],
  ["emails of which only the publish tells the id", [
    ...telling(["amqp-publish"], ofEmail(1, ARCHIVED)),
    ...telling(["amqp-publish"], ofEmail(2, BOUNCED)),
  ], [[1, "archived"], [2, "dead-lettered"]]],
  ["emails of which nothing tells an id", [
    ...telling([], ofEmail(1, ARCHIVED)),
    ...telling([], ofEmail(2, BOUNCED)),
  ], [[undefined, "archived"], [undefined, "dead-lettered"]]],
  ["an email sent in answer to another, below its span", [
    ...ofEmail(1, BOUNCED),
    ...below({ ...JOB, id: `1${"c1".padStart(15, "0")}` }, ofEmail(2, ARCHIVED)),
  ], [[1, "dead-lettered"], [2, "archived"]]],
  ["a request that was refused beside one that was not", [
    ...ofEmail(1, [scheduled({ error: "422 Invalid email" })]),
    ...ofEmail(2, ARCHIVED),
  ], [[undefined, "refused"], [2, "archived"]]],
  ["a request that was refused and sent again with the same key", [
    ...ofEmail(1, [scheduled({ error: "503" }), published(1, { atMs: 5, error: "nack" })]),
    ...telling([], ofEmail(2, [scheduled({ atMs: 50 })])),
    ...ofEmail(2, [published(1, { atMs: 55 })]).map((span) => ({
      ...span,
      tags: { "messaging.message.id": emailIdOf(1) },
    })),
  ], [[1, "queued"]]],
  ["two messages of a foreign publisher under one span id", [JOB, ...FOREIGN], [
    [1, "delivered"],
    [2, "dead-lettered"],
  ]],
  ["one whose mail was archived without its trace, beside another", [
    ...ofEmail(1, firstAttempt("delivered")),
    ...ofEmail(2, firstAttempt("delivered")),
    ...polled(1, { atMs: 300 }).filter(({ name }) => name === "store-message")
      .map((span) => ({ ...span, tags: { correlation_id: emailIdOf(1) } })),
  ], [[1, "archived"], [2, "delivered"]]],
  ["two emails whose requests are not here yet", [
    ...ofEmail(1, [published(1, { atMs: 5 }), received(1, { atMs: 5 })]),
    ...ofEmail(2, [published(1, { atMs: 6 })]),
  ], [[1, "sending"], [2, "queued"]]],
])("emailsOf() separates %s, in any order", (_what, spans, expected) => {
  fc.assert(
    fc.property(
      fc.shuffledSubarray([...spans], { minLength: spans.length }),
      (shuffled) => {
        for (const some of [shuffled, shuffled.map(factsOf)]) {
          const found = emailsOf(some).map(({ emailId, spans }) => [
            emailId,
            emailStateOf(spans).name,
          ]);
          deepEqual(
            found.toSorted(),
            expected.map(([id, state]) => [id && emailIdOf(id), state]).toSorted(),
          );
        }
      },
    ),
    { numRuns: 20 },
  );
});

Deno.test("emailsOf() has the emails in the order in which they were accepted", () => {
  const spans = [scheduled({ atMs: 3 }), scheduled({ atMs: 1 }), scheduled({ atMs: 2 })]
    .flatMap((span, index) => ofEmail(index + 1, [span]));
  deepEqual(emailsOf(spans).map(({ spanId }) => spanId?.[0]), ["2", "3", "1"]);
});

Deno.test("keysOf() names an email's own spans, its polls', and the caller's above it", () => {
  const common = polled(1, { atMs: 300 }).filter(({ name }) => name === "poll-email");
  const steps = polled(1, { atMs: 300 }).filter(({ name }) => name !== "poll-email");
  const spans = [
    JOB,
    ...below(JOB, [1, 2, 3].flatMap((number) => ofEmail(number, ARCHIVED))),
    ...common,
    ...[1, 2].flatMap((number) => ofEmail(number, steps)),
  ];
  const emails = emailsOf(spans);
  deepEqual(emails.map(({ spans }) => spans.length), [
    ARCHIVED.length + 2,
    ARCHIVED.length + 2,
    ARCHIVED.length,
  ]);
  deepEqual(
    emails.map((email) => keysOf(email, spans)),
    emails.map(({ spans: own }, index) =>
      new Set([...own, JOB, ...index < 2 ? common : []].map(spanKey))
    ),
  );
});

Deno.test("emailsOf() gives all spans to the only email", () => {
  const spans = [JOB, ...below(JOB, BOUNCED), { ...JOB, id: "e".repeat(16), name: "clean-up" }];
  deepEqual(emailsOf(spans)[0]?.spans, spans);
});

Deno.test("emailsOf() and keysOf() tolerate spans that are their own parents", () => {
  const circle = [{ ...JOB, parentId: "e".repeat(16) }, {
    ...JOB,
    id: "e".repeat(16),
    parentId: JOB.id,
  }];
  const spans = [...circle, ...below(JOB, [...ofEmail(1, ARCHIVED), ...ofEmail(2, BOUNCED)])];
  for (const email of emailsOf(spans)) {
    deepEqual(keysOf(email, spans), new Set([...email.spans, ...circle].map(spanKey)));
  }
});

/** A trace of this many emails, each with a further span. */
const CROWDS: Readonly<Record<string, (index: number, count: number) => Partial<ZipkinSpan>[]>> = {
  "below as many callers": (index, count) => [
    { id: `c${index}`, parentId: `c${index - 1}` },
    { id: `e${index}`, parentId: `c${count - 1}`, name: "schedule-email" },
  ],
  "beside as many polls": (index) => [
    { id: `c${index}`, name: "poll-email" },
    { id: `e${index}`, name: "schedule-email" },
  ],
  "of one id": (index) => [{ name: `${index}` }, { name: "schedule-email" }],
};
for (const [what, spansOf] of Object.entries(CROWDS)) {
  Deno.test(`emailsOf() separates 10,000 emails ${what} at once`, () => {
    const count = 10_000;
    const spans = Array.from({ length: count }, (_, index) => spansOf(index, count)).flat()
      .map((span): ZipkinSpan => ({ ...JOB, timestamp: 1, ...span }));
    const start = threadMs();
    const emails = emailsOf(spans);
    ok(threadMs() - start < 2_000);
    equal(emails.length, what === "of one id" ? 1 : count);
  });
}

Deno.test("isNamed() knows an email by its id and by the spans of its requests", () => {
  const [first, second] = emailsOf([...ofEmail(1, ARCHIVED), ...ofEmail(2, BOUNCED)]);
  ok(first && second);
  for (const id of [emailIdOf(1), `1${"a0".padStart(15, "0")}`]) {
    ok(isEmailName(id));
    deepEqual([isNamed(first, id), isNamed(second, id)], [true, false]);
  }
});

for (const text of ["", "1", emailIdOf(1).toUpperCase().replace("C", "G"), "f".repeat(32)]) {
  Deno.test(`isEmailName() refuses ${JSON.stringify(text)}`, () => {
    equal(isEmailName(text), false);
  });
}

const NAMED_ID = "463ac35c9f6413ad48485a3978bb5ecc";
const NAMED_EMAIL = "0190d6f2-8c1a-7a60-8000-000000000001";
for (
  const [text, named] of [
    [NAMED_ID, { traceId: NAMED_ID }],
    [` ${NAMED_ID.slice(16).toUpperCase()}\n`, { traceId: NAMED_ID.slice(16).padStart(32, "0") }],
    [`http://127.0.0.1:9411/zipkin/traces/${NAMED_ID}`, { traceId: NAMED_ID }],
    [`http://127.0.0.1:8080/#trace=${NAMED_ID}`, { traceId: NAMED_ID }],
    [
      `http://127.0.0.1:8080/#trace=${NAMED_ID}&email=${NAMED_EMAIL}&span=a2fb4a1d1a96d312`,
      { traceId: NAMED_ID, emailId: NAMED_EMAIL },
    ],
    [NAMED_EMAIL, undefined],
    [`${NAMED_ID}0`, undefined],
    [`trace-${NAMED_ID.slice(24)}.json`, undefined],
    ["0".repeat(32), undefined],
    ["", undefined],
  ] as const
) {
  Deno.test(`traceNamed() finds ${named?.traceId ?? "none"} in ${JSON.stringify(text)}`, () => {
    deepEqual(traceNamed(text), named);
  });
}
