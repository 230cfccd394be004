import { equal } from "node:assert/strict";
import { startTestTracing } from "@playground/shared/testing/telemetry";
import { receiveMail } from "../mail/mod.ts";
import { FakeArchive } from "../testing/fakes.ts";
import { mailOf } from "../testing/mails.ts";
import { toArchiveDocument } from "./document.ts";
import { tracedArchive } from "./traced_archive.ts";

const NOW_MICROSECONDS = 1_795_523_696_123_456;
const NOW_MS = Math.floor(NOW_MICROSECONDS / 1000);
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
    await using test = startTestTracing({ clock: { nowMicroseconds: () => NOW_MICROSECONDS } });
    const archive = tracedArchive(new FakeArchive(), {
      tracing: test.tracing,
      traceThroughSmtp: "link",
      server: { hostname: "db.example", port: 27017, database: "messages", collection: "raw" },
    });
    const headers = [`X-Sent-At-Us: ${sentAtMicroseconds}`];
    const mail = receiveMail(mailOf({ sampled: "1", headers }));
    const document = await toArchiveDocument(mail, {
      storedAt: new Date(NOW_MS),
      pollTraceId: null,
    });
    const delivery = { mailtrapId: 7, receivedAt: new Date(receivedAtMs) };
    await archive.store(document, delivery, mail.origin);
    equal(test.exporter.getZipkinSpan("archive-email").timestamp, timestamp);
  });
}
