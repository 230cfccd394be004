import { deepEqual, equal, match } from "node:assert/strict";
import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import type { DeadEmail } from "./backend.ts";
import type { FaultRecord } from "./faults.ts";
import { findFailures, type VisibilityFindings } from "./visibility.ts";

const AT_MS = 1_700_000_000_000;
const EMAIL_ID = "0190d6f2-8c1a-7a60-8000-000000000001";
const REASON = "gave up after 2 attempts: 451 later";

function span(name: string, id: string, parts: Partial<ZipkinSpan> = {}): ZipkinSpan {
  return { traceId: "t", id, name, timestamp: AT_MS * 1000, duration: 1, ...parts };
}

function attempt(number: number, tags: Readonly<Record<string, string>>): readonly ZipkinSpan[] {
  const id = `emailer-${number}`;
  return [
    span("emailer", id, {
      parentId: `retry-${number}`,
      tags: { correlation_id: EMAIL_ID, attempt: `${number}`, ...tags },
    }),
    span("send-email", `send-${number}`, {
      parentId: id,
      ...(tags.error === undefined ? {} : { tags: { error: "451 later" } }),
    }),
  ];
}

const RETRIED = { outcome: "retried", error: "451 later" };
const TWICE: readonly ZipkinSpan[] = [
  ...attempt(1, RETRIED),
  span("amqp-retry", "retry-2", { kind: "CONSUMER" }),
  ...attempt(2, { outcome: "dead-lettered", error: REASON }),
];
const DEAD: DeadEmail = {
  id: EMAIL_ID,
  reason: REASON,
  lastReply: "451 later",
  attempts: 2,
  traceId: "t",
  deadAt: new Date(AT_MS),
  spanId: "emailer-2",
};
const KILL: FaultRecord = {
  kind: "kill",
  target: "emailer 3",
  fromMs: AT_MS + 300,
  toMs: AT_MS + 1_300,
};

function find(spans: readonly ZipkinSpan[], more: Partial<VisibilityFindings> = {}) {
  const nothing = { refusals: [], deadLetters: [], faults: [] };
  return findFailures({ traces: new Map([["t", spans]]), ...nothing, ...more });
}

Deno.test("findFailures() finds each attempt that failed, and the emailer that gave the email up", () => {
  deepEqual(find(TWICE, { deadLetters: [DEAD] }), {
    failures: 2,
    seen: 2,
    lostWithProcess: 0,
    unseen: [],
  });
});

Deno.test("findFailures() expects no failure of an email that was sent at once", () => {
  equal(find(attempt(1, { outcome: "delivered" })).failures, 0);
});

Deno.test("findFailures() takes no attempt of another email of the trace for one that is missing", () => {
  const neighbour = TWICE.map((span) => ({
    ...span,
    id: `${span.id}-other`,
    ...(span.parentId === undefined ? {} : { parentId: `${span.parentId}-other` }),
    tags: {
      ...span.tags,
      ...(span.name === "emailer" ? { correlation_id: EMAIL_ID.replace(/1$/, "2") } : {}),
    },
  }));
  const missing = TWICE.filter(({ id }) => !/-1$/.test(id));
  equal(find([...missing, ...neighbour], { deadLetters: [DEAD] }).unseen.length, 1);
});

Deno.test.each([
  ["the attempt", TWICE.filter(({ id }) => !/-1$/.test(id)), /^the failure of attempt 1 /],
  [
    "the mail server's reply",
    TWICE.filter(({ id }) => id !== "send-1"),
    /^the failure of attempt 1 /,
  ],
  ["the end", TWICE.filter(({ id }) => id !== "emailer-2"), /^that [-\w]+ was given up /],
  [
    "the reason",
    [
      ...TWICE.filter(({ id }) => id !== "emailer-2"),
      span("emailer", "emailer-2", {
        tags: { correlation_id: EMAIL_ID, error: "another", attempt: "2" },
      }),
    ],
    /^that [-\w]+ was given up /,
  ],
])("findFailures() misses %s, unless an emailer was killed just then", (_what, spans, expected) => {
  const { unseen, lostWithProcess } = find(spans, { deadLetters: [DEAD] });
  equal(unseen.length, 1);
  match(unseen[0] ?? "", expected);
  equal(lostWithProcess, 0);
  const killed = find(spans, { deadLetters: [DEAD], faults: [KILL] });
  deepEqual([killed.unseen, killed.lostWithProcess], [[], 1]);
});

Deno.test("findFailures() wants an error of schedule-email for each refused request", () => {
  const betweenMs = [AT_MS, AT_MS] as const;
  const refusals = [{ traceId: "t", server: "message-server 1", betweenMs }];
  const seen = (spans: readonly ZipkinSpan[]) => find(spans, { refusals, faults: [KILL] });
  equal(seen([span("schedule-email", "s", { tags: { error: "no broker" } })]).seen, 1);
  equal(seen([span("schedule-email", "s")]).unseen.length, 1);
  equal(seen([]).unseen.length, 1);
});
