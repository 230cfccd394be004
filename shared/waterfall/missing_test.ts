import { equal, match } from "node:assert/strict";
import type { ZipkinSpan } from "../tracing/zipkin_span.ts";
import { layOutWaterfall } from "./layout.ts";
import { missingIn, type PictureFacts } from "./missing.ts";

const ID = "6f9619ff-8b86-4011-b42d-00c04fc964ff";
const LATER: PictureFacts = { nowUs: 60_000_000 };
const SERVICES: Readonly<Record<string, string>> = {
  "schedule-email": "message-server",
  "amqp-publish": "message-server",
  emailer: "emailer",
  "poll-email": "mail-poller",
  "store-message": "mail-poller",
};

function span(name: string, id: string, rest: Partial<ZipkinSpan> = {}): ZipkinSpan {
  const localEndpoint = { serviceName: SERVICES[name] ?? name };
  return { traceId: "a", id, name, timestamp: 1, duration: 1, localEndpoint, ...rest };
}

const PUBLISH = span("amqp-publish", "2", {
  parentId: "1",
  kind: "PRODUCER",
  tags: { "messaging.message.id": ID },
});
const REQUEST = span("schedule-email", "1", { tags: { "http.status_code": "202" } });
const attempt = (rest: Partial<ZipkinSpan> = {}) =>
  span("emailer", "3", {
    parentId: "2",
    ...rest,
    tags: { correlation_id: ID, outcome: "delivered", ...rest.tags },
  });
const SEND = span("send-email", "4", { parentId: "3" });
const archive = (name: string, rest: Partial<ZipkinSpan> = {}) =>
  span(name, "5", { ...rest, tags: { correlation_id: ID, ...rest.tags } });

/** What is missing at the last row of this name. */
function said(of: string, spans: readonly ZipkinSpan[], facts = LATER): string {
  const { rows } = layOutWaterfall(spans);
  const row = rows.findLast(({ row }) => row.name === of);
  return row === undefined ? "no row" : missingIn(rows, facts)(row) ?? "nothing";
}

const ORPHAN = span("emailer", "3", { parentId: "2" });

for (
  const [cause, of, spans, expected, facts] of [
    ["a publish without an effect", "amqp-publish", [REQUEST, PUBLISH], /^Nothing follows/],
    [
      "a message that lost its context",
      "amqp-publish",
      [REQUEST, PUBLISH, attempt({ traceId: "b", parentId: undefined })],
      /goes on in another trace/,
    ],
    [
      "a message with a foreign context",
      "amqp-publish",
      [
        { ...PUBLISH, timestamp: 2, traceId: "b", parentId: undefined, kind: "CONSUMER" },
        PUBLISH,
        REQUEST,
      ],
      /^Its message had the context of another trace/,
    ],
    ["a mail that lost its context", "store-message", [
      attempt(),
      archive("store-message", { traceId: "p" }),
    ], /^Its mail had no X-B3 headers that can be read/],
    ["a mail with a foreign context", "archive-email", [
      attempt(),
      archive("archive-email", { traceId: "f", parentId: "9" }),
    ], /^Its mail had the context of another trace/],
    ["a lost span", "emailer", [REQUEST, PUBLISH, attempt()], /^Its send-email never arrived/],
    ["a lost publish", "schedule-email", [REQUEST], /^Its amqp-publish never arrived/],
    [
      "headers that were lost",
      "emailer",
      [span("emailer", "3")],
      /had no X-B3 headers that can be/,
    ],
    ["a context that was lost", "store-message", [span("store-message", "5")], /no trace context/],
    [
      "a service that could not report",
      "emailer",
      [ORPHAN],
      /^The parent of emailer, amqp-publish, never arrived: message-server did not report it/,
    ],
    [
      "an emailer that could not report a retry",
      "emailer",
      [{ ...ORPHAN, tags: { attempt: "2" } }],
      /amqp-retry, never arrived: emailer did not/,
    ],
    [
      "a caller who reports elsewhere",
      "schedule-email",
      [{ ...REQUEST, parentId: "0" }],
      /its caller's trace/,
    ],
    ["spans on their way", "emailer", [ORPHAN], /is not here yet/, { nowUs: 2_000_000 }],
    [
      "spans that are left out",
      "emailer",
      [ORPHAN],
      /left out$/,
      { ...LATER, omittedSpanCount: 9 },
    ],
    [
      "a stranger",
      "get",
      [span("get", "1", { parentId: "2" })],
      /^The parent of get never arrived: its service/,
    ],
  ] as const
) {
  Deno.test(`missingIn() explains ${cause}`, () => match(said(of, spans, facts), expected));
}

Deno.test("missingIn() reports nothing for a whole trace, a fresh one, and a mail that carries no trace", () => {
  const whole = [REQUEST, PUBLISH, attempt(), SEND, archive("archive-email", { parentId: "3" })];
  for (const { name = "" } of whole) equal(said(name, whole), "nothing", name);
  for (const name of ["schedule-email", "poll-email", "get"]) {
    equal(said(name, [span(name, "1")]), "nothing", name);
  }
  equal(said("amqp-publish", [REQUEST, PUBLISH], { nowUs: 10 }), "nothing");
  const poll = span("poll-email", "6", { traceId: "p" });
  for (
    const [attempted, tags] of [
      [attempt({ tags: { trace_through_smtp: "off" } }), {}],
      [attempt(), { "origin.trace_id": "a" }],
    ] as const
  ) {
    const stored = archive("store-message", { traceId: "p", parentId: "6", tags });
    equal(said("store-message", [attempted, poll, stored]), "nothing");
  }
});
