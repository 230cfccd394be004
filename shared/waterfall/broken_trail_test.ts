import { equal, match } from "node:assert/strict";
import type { ZipkinSpan } from "../tracing/zipkin_span.ts";
import { layOutWaterfall } from "./layout.ts";
import { missingIn } from "./broken_trail.ts";

const ID = "6f9619ff-8b86-4011-b42d-00c04fc964ff";
const LATER = { nowUs: 60_000_000 };

function span(name: string, id: string, rest: Partial<ZipkinSpan> = {}): ZipkinSpan {
  const serviceName = name.startsWith("amqp") ? "message-server" : name;
  return {
    traceId: "a",
    id,
    name,
    timestamp: 1,
    duration: 1,
    localEndpoint: { serviceName },
    ...rest,
  };
}

const PUBLISH = span("amqp-publish", "2", {
  parentId: "1",
  kind: "PRODUCER",
  tags: { "messaging.message.id": ID },
});
const REQUEST = span("schedule-email", "1", { tags: { "http.status_code": "202" } });
const attempt = (rest: Partial<ZipkinSpan> = {}, outcome = "delivered") =>
  span("emailer", "3", {
    parentId: "2",
    ...rest,
    tags: { correlation_id: ID, outcome, ...rest.tags },
  });
const SEND = span("send-email", "4", { parentId: "3" });
const archive = (name: string, rest: Partial<ZipkinSpan> = {}) =>
  span(name, "5", { ...rest, tags: { correlation_id: ID, ...rest.tags } });

function said(of: string, spans: readonly ZipkinSpan[], facts = LATER): string {
  const { rows } = layOutWaterfall(spans);
  const missing = missingIn(rows, facts);
  const row = rows.findLast(({ row }) => row.name === of);
  return row === undefined ? "no row" : missing(row) ?? "nothing";
}

for (
  const [cause, of, spans, expected] of [
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
  ] as const
) {
  Deno.test(`missingIn() explains ${cause}`, () => match(said(of, spans), expected));
}

Deno.test("missingIn() misses nothing in a whole trace, in a fresh one, and where a mail carries no trace", () => {
  const whole = [REQUEST, PUBLISH, attempt(), SEND, archive("archive-email", { parentId: "3" })];
  for (const { name = "" } of whole) equal(said(name, whole), "nothing", name);
  equal(said("amqp-publish", [REQUEST, PUBLISH], { nowUs: 10 }), "nothing");
  const off = attempt({ tags: { trace_through_smtp: "off" } });
  equal(said("store-message", [off, archive("store-message", { traceId: "p" })]), "nothing");
  const linked = archive("store-message", { traceId: "p", tags: { "origin.trace_id": "a" } });
  equal(said("store-message", [attempt(), linked]), "nothing");
});
