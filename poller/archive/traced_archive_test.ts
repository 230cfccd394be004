import { deepEqual, equal } from "node:assert/strict";
import type { TraceThroughSmtp } from "@playground/shared/configuration";
import { startTestTracing } from "@playground/shared/testing/telemetry";
import { receiveMail } from "../mail/mod.ts";
import { FakeArchive } from "../testing/fakes.ts";
import { mailOf, ORIGIN } from "../testing/mails.ts";
import type { StoreOutcome } from "./archive.ts";
import { toArchiveDocument } from "./document.ts";
import { tracedArchive } from "./traced_archive.ts";

const NOW_MICROSECONDS = 1_795_523_696_123_456;
const NOW_MS = Math.floor(NOW_MICROSECONDS / 1000);
const SENT = NOW_MICROSECONDS - 9_000;

async function spansOf(
  headers: readonly string[],
  receivedAtMs = NOW_MS,
  traceThroughSmtp: TraceThroughSmtp = "link",
  outcome: StoreOutcome = { status: "stored", isNew: true },
) {
  await using test = startTestTracing({ clock: { nowMicroseconds: () => NOW_MICROSECONDS } });
  const archive = tracedArchive(
    Object.assign(new FakeArchive(), { outcomeOf: () => outcome }),
    {
      tracing: test.tracing,
      traceThroughSmtp,
      server: { hostname: "db.example", port: 27017, database: "messages", collection: "raw" },
    },
  );
  const mail = receiveMail(mailOf({ sampled: "1", headers }));
  const document = await toArchiveDocument(mail, {
    storedAt: new Date(NOW_MS),
    pollTraceId: null,
  });
  const delivery = { mailtrapId: 7, receivedAt: new Date(receivedAtMs) };
  deepEqual(await archive.store(document, delivery, mail.origin), outcome);
  return test.exporter;
}

Deno.test.each([
  ["begins when Mailtrap received the mail", NOW_MS - 5, SENT, (NOW_MS - 5) * 1000],
  ["begins not before the mail was sent", NOW_MS - 500, SENT, SENT],
  ["begins not after now", NOW_MS + 60_000, SENT, NOW_MICROSECONDS],
  ["begins not after now, if sent later", NOW_MS, NOW_MICROSECONDS + 9_000, NOW_MICROSECONDS],
])("archive-email %s", async (_what, receivedAtMs, sentAtMicroseconds, timestamp) => {
  const spans = await spansOf([`X-Sent-At-Us: ${sentAtMicroseconds}`], receivedAtMs);
  equal(spans.getZipkinSpan("archive-email").timestamp, timestamp);
});

Deno.test.each([
  ["a mail that was not stored", "link", { status: "failed", reason: "It is full" }, "It is full"],
  ["a mail in mode join", "join", undefined, undefined],
  ["a mail in mode off", "off", undefined, undefined],
])(
  "tracedArchive() shows store-message alone of %s, with a link in mode link",
  async (_what, mode, outcome, error) => {
    const spans = await spansOf([], NOW_MS, mode, outcome);
    equal(spans.getZipkinSpan("store-message").tags?.["error"], error);
    const { links } = spans.getSpan("store-message");
    deepEqual(
      links.map(({ context: { traceId, spanId } }) => ({ traceId, spanId })),
      mode === "link" ? [ORIGIN] : [],
    );
    deepEqual(spans.getSpans("archive-email"), []);
  },
);
