import { deepEqual, equal, match, ok } from "node:assert/strict";
import { stopTime } from "@playground/shared/testing";
import fc from "fast-check";
import { Binary, BSON } from "mongodb";
import { receiveMail } from "../mail/mod.ts";
import { bytes, mailOf, ORIGIN } from "../testing/mails.ts";
import { MAX_RAW_BYTES, toArchiveDocument } from "./document.ts";

const STORED_AT = new Date("2026-11-24T12:00:00Z");
const MAX_BSON_BYTES = 16 * 1024 * 1024;

async function read(
  raw: Uint8Array<ArrayBuffer>,
  context: Partial<Parameters<typeof toArchiveDocument>[1]> = {},
) {
  const mail = receiveMail(raw);
  return await toArchiveDocument(mail, { storedAt: STORED_AT, pollTraceId: null, ...context });
}

Deno.test("toArchiveDocument() keeps everything in a mail", async () => {
  const raw = mailOf({
    headers: [
      "Message-ID: <id@example.com>",
      "Date: Tue, 24 Nov 2026 13:00:00 +0100",
      "X-Email-Id: 0190d6f2-8c1a-7a60-8000-000000000001",
    ],
    sampled: "0",
  });
  const { _id, headers, ...document } = await read(raw, { pollTraceId: "c".repeat(32) });
  match(_id, /^[0-9a-f]{64}$/);
  deepEqual(headers, receiveMail(raw).headers);
  const sender = { address: "sender@example.com", name: "Sender" };
  deepEqual(document, {
    emailId: "0190d6f2-8c1a-7a60-8000-000000000001",
    messageId: "<id@example.com>",
    from: sender,
    authors: [sender],
    to: [{ address: "recipient@example.com", name: "" }],
    subject: "Subject",
    date: STORED_AT,
    text: "Body",
    html: null,
    attachments: [],
    raw: new Binary(raw),
    rawOmitted: false,
    sizeBytes: raw.length,
    parseError: null,
    doubt: null,
    storedAt: STORED_AT,
    trace: ORIGIN,
    pollTraceId: "c".repeat(32),
  });
});

Deno.test("toArchiveDocument() keeps a mail that takes too long to read, with its ids and the error", async () => {
  const raw = mailOf({
    headers: ["Message-ID: <id@example.com>", "X-Email-Id: 1", "Content-Type: text/html"],
    body: "x\n".repeat(3_000_000),
  });
  using time = stopTime();
  const document = await time.passUntil(read(raw), 60_000);
  match(document.parseError ?? "", /in time/);
  deepEqual([document.messageId, document.emailId, document.html], ["<id@example.com>", "1", null]);
  equal(document.raw?.length(), raw.length);
});

Deno.test("toArchiveDocument() never throws", async () => {
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 20 }),
    fc.constantFrom(
      "From: a@b\r\n",
      "To: x:;,<>\r\n",
      "Date: 1 Jan 99 1:00\r\n",
      "Content-Type: multipart/mixed; boundary=x\r\n",
      "Content-Transfer-Encoding: base64\r\n",
      "Content-Type: message/rfc822\r\n",
      "\r\n",
      "--x\r\n",
      "--x--\r\n",
      "=?utf-8?Q?=FF?=",
      "=?none?B?////?=\r\n",
    ).map(bytes),
  );
  await fc.assert(fc.asyncProperty(fc.array(piece), async (pieces) => {
    const raw = Uint8Array.from(pieces.flatMap((part) => [...part]));
    deepEqual((await read(raw)).raw, new Binary(raw));
  }));
});

Deno.test("toArchiveDocument() keeps the raw bytes of a mail of exactly 15 MB", async () => {
  const head = "From: a@example.com\r\nContent-Type: application/x\r\n\r\n";
  const document = await read(bytes(head + "x".repeat(MAX_RAW_BYTES - head.length)));
  equal(document.sizeBytes, MAX_RAW_BYTES);
  equal(document.rawOmitted, false);
  equal(document.raw?.length(), MAX_RAW_BYTES);
  ok(BSON.calculateObjectSize(document) < MAX_BSON_BYTES);
});

Deno.test("toArchiveDocument() leaves out the raw bytes of a larger mail, and reads all of its parts", async () => {
  const content = `${"x".repeat(998)}\r\n`.repeat(MAX_RAW_BYTES / 1_000);
  const document = await read(mailOf({
    headers: ['Content-Type: multipart/mixed; boundary="x"'],
    body: `--x\r\n\r\nText\r\n--x\r\nContent-Type: application/pdf\r\n\r\n${content}\r\n--x--`,
  }));
  deepEqual([document.rawOmitted, document.raw], [true, null]);
  ok(document.sizeBytes > MAX_RAW_BYTES);
  deepEqual([document.text, document.parseError], ["Text", null]);
  equal(document.attachments[0]?.sizeBytes, content.length);
});

Deno.test("toArchiveDocument() keeps the text of a larger mail", async () => {
  const document = await read(mailOf({ body: "x".repeat(MAX_RAW_BYTES) }));
  deepEqual([document.rawOmitted, document.text?.length], [true, MAX_RAW_BYTES]);
  ok(BSON.calculateObjectSize(document) < MAX_BSON_BYTES);
});

Deno.test.each([
  ["text", () => mailOf({ body: "x".repeat(9_000_000) })],
  ["HTML", () => mailOf({ body: "<p>".repeat(3_000_000), headers: ["Content-Type: text/html"] })],
  ["headers", () => mailOf({ headers: [`X-Large: ${"x".repeat(9_000_000)}`] })],
  ["many headers", () => mailOf({ headers: Array.from({ length: 900_000 }, () => "X-Many: 1") })],
  ["ids", () => mailOf({ headers: [`Message-ID: <${"x".repeat(9_000_000)}>`] })],
])("toArchiveDocument() makes a document that fits of a mail with much %s", async (_what, raw) => {
  const bytes = raw();
  const document = await read(bytes);
  ok(BSON.calculateObjectSize(document) < MAX_BSON_BYTES);
  equal(document.raw?.length(), bytes.length);
  equal(document.sizeBytes, bytes.length);
});
