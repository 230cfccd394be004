import { deepEqual, equal, match } from "node:assert/strict";
import { archivedMail } from "@playground/shared/email";
import { receiveMail } from "../mail/mod.ts";
import { bytes } from "../testing/mails.ts";
import type { ReadOutcome } from "./archive.ts";
import { toArchivedMail, toArchiveDocument } from "./document.ts";
import { readArchive, type ReadArchiveOptions } from "./read_archive.ts";

const RAW = [
  "Message-ID: <id@example.com>",
  "From: Sender <sender@example.com>",
  "To: recipient@example.com",
  "Subject: =?utf-8?B?SGVsbG8=?=",
  "Date: Sun, 01 Nov 2026 12:00:00 +0000",
  "Content-Type: multipart/mixed; boundary=b",
  "",
  "--b",
  "Content-Type: text/plain",
  "",
  "Hello",
  "--b",
  "Content-Type: text/html",
  "",
  "<b>Hello</b>",
  "--b",
  'Content-Type: application/pdf; name="a.pdf"',
  "Content-Disposition: attachment; filename=a.pdf",
  "",
  "%PDF",
  "--b--",
].join("\r\n");

const { raw: _raw, ...document } = await toArchiveDocument(receiveMail(bytes(RAW)), {
  storedAt: new Date("2026-11-01T12:00:05.123Z"),
  pollTraceId: null,
});
const MAIL = toArchivedMail({
  ...document,
  deliveries: [{ mailtrapId: 7, receivedAt: new Date("2026-11-01T12:00:01Z") }],
});
const PATH = `/archive/${MAIL.documentId}`;

/** Asks an archive that has one mail. */
async function ask(
  path: string,
  options: Partial<ReadArchiveOptions> = {},
  init: RequestInit = {},
  origin = "http://127.0.0.1:8082",
): Promise<Response | undefined> {
  const answer = readArchive({
    archive: {
      read: (id) =>
        Promise.resolve<ReadOutcome>(
          id === MAIL.documentId ? { status: "found", mail: MAIL } : { status: "unknown" },
        ),
    },
    host: "127.0.0.1",
    apiToken: undefined,
    allowAnonymous: false,
    ...options,
  });
  return await answer(new Request(origin + path, init));
}

async function statusOf(...parameters: Parameters<typeof ask>): Promise<number | undefined> {
  return (await ask(...parameters))?.status;
}

Deno.test("toArchivedMail() shows all of a mail but its bytes", () => {
  const { headers, ...mail } = MAIL;
  match(mail.text ?? "", /Hello/);
  match(mail.html ?? "", /<b>Hello<\/b>/);
  deepEqual(mail, {
    documentId: document._id,
    messageId: "<id@example.com>",
    from: { address: "sender@example.com", name: "Sender" },
    to: [{ address: "recipient@example.com", name: "" }],
    subject: "Hello",
    date: "2026-11-01T12:00:00.000Z",
    text: document.text,
    html: document.html,
    attachments: [{ name: "a.pdf", type: "application/pdf", sizeBytes: "%PDF".length }],
    sizeBytes: RAW.length,
    storedAt: "2026-11-01T12:00:05.123Z",
    deliveries: [{ mailtrapId: 7, receivedAt: "2026-11-01T12:00:01.000Z" }],
  });
  deepEqual(headers[0], { name: "Message-ID", value: "<id@example.com>" });
  deepEqual(archivedMail.parse(MAIL), MAIL);
});

Deno.test("toArchivedMail() names the authors where there are several", async () => {
  const raw = bytes("From: a@example.com, B <b@example.com>\r\n\r\n");
  const { raw: _raw, ...several } = await toArchiveDocument(receiveMail(raw), {
    storedAt: new Date(0),
    pollTraceId: null,
  });
  const { from, authors } = toArchivedMail({ ...several, deliveries: [] });
  deepEqual(from, { address: "a@example.com", name: "" });
  deepEqual(authors, [from, { address: "b@example.com", name: "B" }]);
});

Deno.test("toArchivedMail() shows a document of before there were authors", () => {
  const { authors: _authors, ...former } = document;
  const { from, authors } = toArchivedMail({ ...former, deliveries: [] });
  deepEqual([from, authors], [{ address: "sender@example.com", name: "Sender" }, undefined]);
});

Deno.test("toArchivedMail() leaves out what a mail does not have", async () => {
  const { raw: _raw, ...bare } = await toArchiveDocument(receiveMail(bytes("\r\nHello")), {
    storedAt: new Date(0),
    pollTraceId: null,
  });
  deepEqual(Object.keys(toArchivedMail({ ...bare, deliveries: [] })), [
    "documentId",
    "attachments",
    "headers",
    "sizeBytes",
    "storedAt",
    "deliveries",
  ]);
});

Deno.test("readArchive() answers a mail as JSON, to be kept by nobody", async () => {
  const response = await ask(PATH);
  equal(response?.status, 200);
  equal(response?.headers.get("cache-control"), "no-store");
  deepEqual(await response?.json(), MAIL);
});

Deno.test("readArchive() answers 404 to a mail that is not there, and to what is no id", async () => {
  for (const id of ["0".repeat(64), "1", "", "%00", MAIL.documentId.toUpperCase()]) {
    equal(await statusOf(`/archive/${id}`), 404, id);
  }
});

Deno.test("readArchive() answers 405 to all that would write", async () => {
  for (const method of ["POST", "PUT", "DELETE", "PATCH"]) {
    equal(await statusOf(PATH, {}, { method }), 405);
  }
});

Deno.test("readArchive() answers 503 and why when the database fails", async () => {
  const read = () => Promise.resolve<ReadOutcome>({ status: "failed", reason: "no primary" });
  const response = await ask(PATH, { archive: { read } });
  equal(response?.status, 503);
  match(await response?.text() ?? "", /Cannot show the mail: no primary; try again later/);
});

Deno.test("readArchive() leaves other paths to others", async () => {
  for (const path of ["/", "/archive", "/healthz", `${PATH}/raw`]) {
    equal(await ask(path), undefined, path);
  }
});

const TOKEN = { apiToken: "s3cret-t0ken" };
const WITH_TOKEN = { authorization: "Bearer s3cret-t0ken" };
const WITH_ANOTHER = { authorization: "Bearer s3cret-t0kem" };

interface Call extends Partial<ReadArchiveOptions> {
  /** By which name the caller calls this machine. @default "127.0.0.1" */
  readonly name?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly status: number;
}

const CALLS: readonly Call[] = [
  { host: "127.0.0.1", status: 200 },
  { host: "localhost", status: 200 },
  { host: "::1", status: 200 },
  { host: "0.0.0.0", status: 403 },
  { host: "192.0.2.1", headers: WITH_TOKEN, status: 403 },
  { host: "0.0.0.0", allowAnonymous: true, status: 200 },
  { host: "0.0.0.0", ...TOKEN, headers: WITH_TOKEN, status: 200 },
  { host: "0.0.0.0", ...TOKEN, status: 401 },
  { host: "0.0.0.0", ...TOKEN, headers: WITH_ANOTHER, status: 401 },
  { host: "127.0.0.1", ...TOKEN, status: 401 },
  { host: "127.0.0.1", ...TOKEN, headers: WITH_TOKEN, status: 200 },
  { host: "0.0.0.0", allowAnonymous: true, ...TOKEN, status: 401 },
  { name: "localhost", status: 200 },
  { name: "[::1]", status: 200 },
  // A web site can make its own name point to this machine.
  { name: "evil.example", host: "127.0.0.1", status: 403 },
  { name: "evil.example", host: "localhost", status: 403 },
  { name: "evil.example", host: "::1", status: 403 },
  { name: "poller.example", host: "127.0.0.1", allowAnonymous: true, status: 200 },
  { name: "poller.example", ...TOKEN, headers: WITH_TOKEN, status: 200 },
  { name: "poller.example", host: "0.0.0.0", allowAnonymous: true, status: 200 },
];

for (const { name = "127.0.0.1", headers = {}, status, ...options } of CALLS) {
  const caller = JSON.stringify({ name, headers, ...options });
  Deno.test(`readArchive() answers ${status} to ${caller}`, async () => {
    equal(await statusOf(PATH, options, { headers }, `http://${name}:8082`), status);
  });
}

Deno.test("readArchive() says by which name to call it", async () => {
  const response = await ask(PATH, {}, {}, "http://poller.example:8082");
  match(await response?.text() ?? "", /another name than localhost; use that, or set API_TOKEN/);
});

Deno.test("readArchive() tells a caller without the token nothing of what there is", async () => {
  const texts = await Promise.all(
    [PATH, `/archive/${"0".repeat(64)}`].map(async (path) => (await ask(path, TOKEN))?.text()),
  );
  equal(texts[0], texts[1]);
});
