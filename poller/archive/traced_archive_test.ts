import { deepEqual, equal } from "node:assert/strict";
import type { TraceThroughSmtp } from "@playground/shared/configuration";
import { startTestTracing, type TestTracing } from "@playground/shared/testing/telemetry";
import { receiveMail } from "../mail/mod.ts";
import { FakeArchive } from "../testing/fakes.ts";
import { mailOf, type MailOptions, ORIGIN } from "../testing/mails.ts";
import type { StoreOutcome } from "./archive.ts";
import { type ArchiveDocument, toArchiveDocument } from "./document.ts";
import { tracedArchive } from "./traced_archive.ts";

const NOW_MICROSECONDS = 1_795_523_696_123_456;
const NOW_MS = Math.floor(NOW_MICROSECONDS / 1000);
const POLL_TRACE_ID = "c".repeat(32);

interface StoreOptions {
  readonly mail?: MailOptions;
  readonly mode?: TraceThroughSmtp;
  readonly outcome?: StoreOutcome;
  /** When Mailtrap received the mail, in milliseconds since 1970. */
  readonly receivedAtMs?: number;
}

/** Tracing at a time that stands still. */
function startTracing(): TestTracing {
  return startTestTracing({
    serviceName: "mail-poller",
    clock: { nowMicroseconds: () => NOW_MICROSECONDS },
  });
}

/** Stores one mail within a poll. */
async function store(
  { tracing }: TestTracing,
  { mail = { sampled: "1" }, mode = "link", outcome, receivedAtMs = NOW_MS - 5 }: StoreOptions = {},
): Promise<ArchiveDocument> {
  const archive = new FakeArchive();
  if (outcome !== undefined) archive.outcomeOf = () => outcome;
  const traced = tracedArchive(archive, {
    tracing,
    traceThroughSmtp: mode,
    server: { hostname: "db.example", port: 27017 },
    namespace: "messages.raw",
  });
  const arrival = receiveMail(mailOf(mail));
  const document = await toArchiveDocument(arrival, {
    storedAt: new Date(NOW_MS),
    pollTraceId: POLL_TRACE_ID,
  });
  const expected = outcome ?? { status: "stored", isNew: true };
  await tracing.inSpan("poll-email", {}, async () => {
    const delivery = { mailtrapId: 7, receivedAt: new Date(receivedAtMs) };
    // The headers need not fit into the document.
    const stored = await traced.store({ ...document, headers: [] }, delivery, arrival.origin);
    deepEqual(stored, expected);
  });
  return document;
}

Deno.test("tracedArchive() shows a document that was stored as a call to MongoDB", async () => {
  await using test = startTracing();
  const { _id } = await store(test, { mail: {} });
  const { kind, parentId, remoteEndpoint, tags } = test.exporter.getZipkinSpan("store-message");
  equal(kind, "CLIENT");
  equal(parentId, test.exporter.getSpan("poll-email").spanContext().spanId);
  deepEqual(remoteEndpoint, { serviceName: "mongodb", port: 27017 });
  deepEqual(tags, {
    "peer.service": "mongodb",
    "db.type": "mongodb",
    "db.instance": "messages.raw",
    "db.object_id": _id,
    "db.system.name": "mongodb",
    "db.namespace": "messages",
    "db.collection.name": "raw",
    "db.operation.name": "update",
    "server.address": "db.example",
    "server.port": "27017",
  });
  deepEqual(test.exporter.getSpans("archive-email"), []);
});

Deno.test("tracedArchive() ends the email's trace with archive-email in mode link", async () => {
  await using test = startTracing();
  const { _id } = await store(test);
  deepEqual(test.exporter.getZipkinSpan("archive-email"), {
    traceId: ORIGIN.traceId,
    id: test.exporter.getSpan("archive-email").spanContext().spanId,
    parentId: ORIGIN.spanId,
    name: "archive-email",
    timestamp: (NOW_MS - 5) * 1000,
    duration: NOW_MICROSECONDS - (NOW_MS - 5) * 1000,
    localEndpoint: { serviceName: "mail-poller" },
    tags: { "db.object_id": _id, "poll.trace_id": POLL_TRACE_ID },
  });
  const [link] = test.exporter.getSpan("store-message").links;
  deepEqual([link?.context.traceId, link?.context.spanId], [ORIGIN.traceId, ORIGIN.spanId]);
});

const SENT = NOW_MICROSECONDS - 9_000;

for (
  const [what, receivedAtMs, sentAtMicroseconds, timestamp] of [
    ["begins when Mailtrap received the mail", NOW_MS - 5, SENT, (NOW_MS - 5) * 1000],
    ["begins not before the mail was sent", NOW_MS - 500, SENT, SENT],
    ["begins not after now", NOW_MS + 60_000, SENT, NOW_MICROSECONDS],
    ["begins not after now, if sent later", NOW_MS, NOW_MICROSECONDS + 9_000, NOW_MICROSECONDS],
  ] as const
) {
  Deno.test(`archive-email ${what}`, async () => {
    await using test = startTracing();
    await store(test, {
      mail: { sampled: "1", headers: [`X-Sent-At-Us: ${sentAtMicroseconds}`] },
      receivedAtMs,
    });
    equal(test.exporter.getZipkinSpan("archive-email").timestamp, timestamp);
  });
}

Deno.test("tracedArchive() shows a document that was not stored as an error, and no archive-email", async () => {
  await using test = startTracing();
  await store(test, { outcome: { status: "failed", reason: "MongoDB is down" } });
  equal(test.exporter.getZipkinSpan("store-message").tags?.["error"], "MongoDB is down");
  deepEqual(test.exporter.getSpans("archive-email"), []);
});

for (const mode of ["join", "off"] as const) {
  Deno.test(`tracedArchive() shows store-message alone, where mode ${mode} says`, async () => {
    await using test = startTracing();
    await store(test, { mode });
    const span = test.exporter.getSpan("store-message");
    const parent = mode === "join" ? ORIGIN : test.exporter.getSpan("poll-email").spanContext();
    equal(span.spanContext().traceId, parent.traceId);
    equal(span.parentSpanContext?.spanId, parent.spanId);
    deepEqual(span.links, []);
    deepEqual(test.exporter.getSpans("archive-email"), []);
  });
}

for (const mode of ["link", "join"] as const) {
  Deno.test(`tracedArchive() shows nothing of an email that is not sampled in mode ${mode}`, async () => {
    await using test = startTracing();
    await store(test, { mail: { sampled: "0" }, mode });
    deepEqual(test.exporter.spans.map(({ name }) => name), ["poll-email"]);
  });
}
