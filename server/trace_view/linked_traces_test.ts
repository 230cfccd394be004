import { deepEqual, equal, ok } from "node:assert/strict";
import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import { layOutWaterfall } from "@playground/shared/waterfall";
import {
  archived,
  attempted,
  firstAttempt,
  inLinkedTraces,
  polled,
  published,
  received,
  START_MS,
  TRACE_ID,
  traceOfAttempt,
} from "../testing/email_spans.ts";
import { FakeCollector } from "../testing/fake_collector.ts";
import { emailStateOf } from "./email_state.ts";
import { readLinkedTraces } from "./linked_traces.ts";
import { toTraceRows } from "./rows.ts";

const NOW_MS = START_MS + 60_000;

const DELIVERING = "c3".padStart(16, "0");

/** An email that was delivered at its third attempt. */
const IN_ONE: readonly ZipkinSpan[] = [
  ...firstAttempt("retried", { error: "451 later" }),
  published(2, { atMs: 140 }, "1s"),
  received(2, { atMs: 140, forMs: 1_000 }),
  ...attempted(2, "retried", { atMs: 1_140, forMs: 50, error: "451 later" }),
  published(3, { atMs: 1_180 }, "5s"),
  received(3, { atMs: 1_180, forMs: 5_000 }),
  ...attempted(3, "delivered", { atMs: 6_180, forMs: 50 }),
  archived({ atMs: 6_230, forMs: 200 }, 3),
];
const LINKED = inLinkedTraces(IN_ONE);
/** The poll that found the mail of the last attempt. */
const ORIGIN = { "origin.trace_id": traceOfAttempt(3), "origin.span_id": DELIVERING };
const POLL = polled(1, { atMs: 6_300 }).map((span) =>
  span.name === "poll-email" ? span : { ...span, tags: ORIGIN }
);

Deno.test("createRecentEmailsReader() follows an email into its linked traces, and asks no more for others", async () => {
  const collectors = [LINKED, IN_ONE].map((spans) => new FakeCollector([...spans, ...POLL]));
  const [linked, inOne] = await Promise.all(collectors.map((one) => one.reader(NOW_MS).recent(5)));
  deepEqual(linked, inOne);
  ok(linked?.status === "found");
  deepEqual(linked.emails.map(({ traceId, state }) => `${traceId} ${state.name}`), [
    `${TRACE_ID} archived`,
  ]);
  deepEqual(collectors.map(({ asked }) => asked.length), [3, 1]);
});

Deno.test("emailStateOf() is the same of one trace and of linked ones, after each span", () => {
  for (const count of IN_ONE.keys()) {
    deepEqual(emailStateOf(LINKED.slice(0, count)), emailStateOf(IN_ONE.slice(0, count)));
  }
});

Deno.test("toTraceRows() links the attempts in both directions, and numbers them as in one trace", () => {
  const rowsOf = (spans: readonly ZipkinSpan[]) =>
    toTraceRows(layOutWaterfall(spans), { nowUs: NOW_MS * 1_000 });
  const rows = rowsOf([...LINKED, ...POLL]);
  const nameOf = (key: string | undefined) => rows.find((row) => row.key === key)?.name;
  deepEqual(
    rows.flatMap(({ name, attempt, link }) =>
      link === undefined ? [] : [[name, attempt, link.text, nameOf(link.rowKey)]]
    ),
    [
      ["amqp-retry", 1, "continues in", "emailer"],
      ["emailer", 2, "continues", "amqp-retry"],
      ["amqp-retry", 2, "continues in", "emailer"],
      ["emailer", 3, "continues", "amqp-retry"],
      ["fetch-message", undefined, "continues", "emailer"],
      ["store-message", undefined, "continues", "emailer"],
    ],
  );
  ok(rows.every(({ missingParent }) => missingParent === undefined));
  const attempts = (spans: readonly ZipkinSpan[]) =>
    rowsOf(spans).map(({ name, attempt }) => [name, attempt]);
  deepEqual(attempts(LINKED).toSorted(), attempts(IN_ONE).toSorted());
});

Deno.test("layOutWaterfall() has the same critical path through linked traces as in one", () => {
  const pathOf = (spans: readonly ZipkinSpan[]) => {
    const { rows, criticalPath } = layOutWaterfall(spans);
    return criticalPath.map(({ index, fromUs, toUs }) => [rows[index]?.row.name, fromUs, toUs]);
  };
  deepEqual(pathOf(LINKED), pathOf(IN_ONE));
});

Deno.test("readLinkedTraces() reads no more than it may", async () => {
  const { api, asked } = new FakeCollector();
  const linkTo = (id: number): ZipkinSpan => ({
    traceId: TRACE_ID,
    id: DELIVERING,
    name: "amqp-retry",
    tags: { "retry.trace_id": String(id).padStart(32, "0") },
  });
  const spans = Array.from({ length: 500 }, (_, index) => linkTo(index + 1));
  equal((await readLinkedTraces(api, spans, () => {})).length, 50);
  equal(asked.length, 1);
});
