import { deepEqual, equal, match, ok } from "node:assert/strict";
import fc from "fast-check";
import { Binary, BSON } from "mongodb";
import { bytes, mailOf } from "../testing/mails.ts";
import { MAX_RAW_BYTES, toArchiveDocument } from "./document.ts";

const STORED_AT = new Date("2026-11-24T12:00:00Z");
const MAX_BSON_BYTES = 16 * 1024 * 1024;

/** Reads a mail, which names no trace. */
async function read(raw: Uint8Array) {
  return await toArchiveDocument(raw, {
    storedAt: STORED_AT,
    traceOf: () => null,
    pollTraceId: null,
  });
}

/** Reads a mail made of lines. */
async function readLines(...lines: readonly string[]) {
  return await read(bytes(lines.join("\r\n")));
}

Deno.test("toArchiveDocument() reads a plain mail", async () => {
  const raw = mailOf({
    headers: [
      "Message-ID: <id@example.com>",
      "Date: Tue, 24 Nov 2026 13:00:00 +0100",
      "X-Email-Id: 0190d6f2-8c1a-7a60-8000-000000000001",
    ],
  });
  const trace = { traceId: "a".repeat(32), spanId: "b".repeat(16) };
  const { _id, headers, ...document } = await toArchiveDocument(raw, {
    storedAt: STORED_AT,
    traceOf: (given) => given.some(({ name }) => name === "X-Email-Id") ? trace : null,
    pollTraceId: "c".repeat(32),
  });
  match(_id, /^[0-9a-f]{64}$/);
  equal(headers.length, 6);
  deepEqual(document, {
    emailId: "0190d6f2-8c1a-7a60-8000-000000000001",
    messageId: "<id@example.com>",
    from: { address: "sender@example.com", name: "Sender" },
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
    trace,
    pollTraceId: "c".repeat(32),
  });
});

Deno.test("toArchiveDocument() reads text, HTML and attachments of a multipart mail", async () => {
  const { text, html, attachments, parseError } = await readLines(
    "From: a@example.com",
    "MIME-Version: 1.0",
    'Content-Type: multipart/mixed; boundary="outer"',
    "",
    "--outer",
    'Content-Type: multipart/alternative; boundary="inner"',
    "",
    "--inner",
    "Content-Type: text/plain; charset=iso-8859-1",
    "Content-Transfer-Encoding: quoted-printable",
    "",
    "Gr=FC=DFe",
    "--inner",
    "Content-Type: text/html; charset=utf-8",
    "",
    "<p>Hello</p>",
    "--inner--",
    "--outer",
    "Content-Type: application/pdf",
    'Content-Disposition: attachment; filename="=?utf-8?Q?Gr=C3=BC=C3=9Fe=2Epdf?="',
    "Content-Transfer-Encoding: base64",
    "",
    "aGVsbG8=",
    "--outer--",
    "",
  );
  equal(parseError, null);
  equal(text, "Grüße");
  match(html ?? "", /^<p>Hello<\/p>\n?$/);
  deepEqual(attachments, [{
    name: "Grüße.pdf",
    type: "application/pdf",
    sizeBytes: 5,
    // SHA-256 of "hello".
    sha256: "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
  }]);
});

Deno.test("toArchiveDocument() keeps all headers in their order, not decoded", async () => {
  const { headers } = await readLines(
    "Received: from b",
    "Received: from a",
    "Subject: =?utf-8?Q?=C3=A4?=",
    "received: by c",
    "",
    "",
  );
  deepEqual(headers, [
    { name: "Received", value: "from b" },
    { name: "Received", value: "from a" },
    { name: "Subject", value: "=?utf-8?Q?=C3=A4?=" },
    { name: "received", value: "by c" },
  ]);
});

Deno.test("toArchiveDocument() counts the members of a group as recipients", async () => {
  const { to, from } = await readLines(
    "From: Sender <sender@example.com>",
    "To: team: A <a@example.com>, b@example.com;, c@example.com",
    "To: nobody:;",
    "",
    "",
  );
  deepEqual(from, { address: "sender@example.com", name: "Sender" });
  deepEqual(to, [
    { address: "a@example.com", name: "A" },
    { address: "b@example.com", name: "" },
    { address: "c@example.com", name: "" },
  ]);
});

Deno.test("toArchiveDocument() has null for what a mail does not say", async () => {
  const { emailId, messageId, from, to, subject, date, text, html, trace } = await readLines(
    "X-Other: 1",
    "Date: yesterday",
    "",
    "",
  );
  deepEqual({ emailId, messageId, from, to, subject, date, html, trace }, {
    emailId: null,
    messageId: null,
    from: null,
    to: [],
    subject: null,
    date: null,
    html: null,
    trace: null,
  });
  ok(text === null || text === "", `${text}`);
});

Deno.test("toArchiveDocument() keeps line ends within the text as they count", async () => {
  const { text } = await readLines("From: a@example.com", "", "one", "", "two ", "", "", "");
  equal(text, "one\n\ntwo \n\n");
});

for (
  const [what, raw, error] of [
    ["without headers", bytes("\r\nBody\r\n"), /no headers/],
    ["that is empty", new Uint8Array(), /no headers/],
    ["that is garbage", Uint8Array.of(0, 255, 10, 13, 200), /no headers/],
    [
      "nested too deeply",
      bytes(
        `From: a@example.com\r\n${
          Array.from(
            { length: 300 },
            (_, depth) =>
              `Content-Type: multipart/mixed; boundary="${depth}"\r\n\r\n--${depth}\r\n`,
          ).join("")
        }`,
      ),
      /nesting/i,
    ],
  ] as const
) {
  Deno.test(`toArchiveDocument() keeps a mail ${what} as it came, with the error`, async () => {
    const document = await read(raw);
    match(document.parseError ?? "", error);
    deepEqual(document.raw, new Binary(raw));
    deepEqual([document.from, document.to, document.subject, document.text], [
      null,
      [],
      null,
      null,
    ]);
    match(document._id, /^[0-9a-f]{64}$/);
  });
}

Deno.test("toArchiveDocument() keeps the ids of a mail that cannot be parsed", async () => {
  const nested = Array.from(
    { length: 300 },
    (_, depth) => `Content-Type: multipart/mixed; boundary="${depth}"\r\n\r\n--${depth}\r\n`,
  );
  const { messageId, emailId, headers, parseError } = await read(
    bytes(`Message-ID: <id@example.com>\r\nX-Email-Id: 1\r\n${nested.join("")}`),
  );
  ok(parseError !== null);
  deepEqual([messageId, emailId], ["<id@example.com>", "1"]);
  equal(headers.length, 3);
});

Deno.test("toArchiveDocument() never throws", async () => {
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 20 }),
    fc.constantFrom(
      "From: a@b\r\n",
      "To: x:;,<>\r\n",
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

Deno.test("toArchiveDocument() leaves out the raw bytes of a larger mail, not its text", async () => {
  const document = await read(mailOf({
    headers: ["Content-Type: text/plain; charset=utf-8"],
    body: "x".repeat(MAX_RAW_BYTES),
  }));
  equal(document.rawOmitted, true);
  equal(document.raw, null);
  equal(document.text?.length, MAX_RAW_BYTES);
  ok(document.sizeBytes > MAX_RAW_BYTES);
  ok(BSON.calculateObjectSize(document) < MAX_BSON_BYTES);
});

Deno.test("toArchiveDocument() reads the beginning of a larger mail with attachments, and says so", async () => {
  const document = await read(mailOf({
    headers: ['Content-Type: multipart/mixed; boundary="x"'],
    body: "--x\r\n\r\nText\r\n--x\r\nContent-Type: application/pdf\r\n\r\n" +
      `${"x".repeat(998)}\r\n`.repeat(MAX_RAW_BYTES / 1_000),
  }));
  equal(document.text, "Text");
  equal(document.parseError, `only the first 5000000 bytes of ${document.sizeBytes} are parsed`);
});

for (
  const [what, raw] of [
    ["text", () => mailOf({ body: "x".repeat(9_000_000) })],
    [
      "HTML",
      () => mailOf({ body: "<p>".repeat(3_000_000), headers: ["Content-Type: text/html"] }),
    ],
    ["headers", () => mailOf({ headers: [`X-Large: ${"x".repeat(9_000_000)}`] })],
    ["many headers", () => mailOf({ headers: Array.from({ length: 900_000 }, () => "X-Many: 1") })],
    ["ids", () => mailOf({ headers: [`Message-ID: <${"x".repeat(9_000_000)}>`] })],
  ] as const
) {
  Deno.test(`toArchiveDocument() makes a document that fits of a mail with much ${what}`, async () => {
    const bytes = raw();
    const document = await read(bytes);
    ok(BSON.calculateObjectSize(document) < MAX_BSON_BYTES);
    equal(document.raw?.length(), bytes.length);
    equal(document.sizeBytes, bytes.length);
  });
}

Deno.test("toArchiveDocument() notes that a mail may not be whole", async () => {
  const context = { storedAt: new Date(0), traceOf: () => null, pollTraceId: null };
  const { doubt } = await toArchiveDocument(mailOf(), { ...context, doubt: "it is smaller" });
  equal(doubt, "it is smaller");
});
