import { deepEqual, equal, match } from "node:assert/strict";
import { archivedMail } from "@playground/shared/email";
import { receiveMail } from "../mail/mod.ts";
import { bytes, mailOf } from "../testing/mails.ts";
import type { ReadOutcome } from "./archive.ts";
import { toArchivedMail, toArchiveDocument } from "./document.ts";
import { readArchive } from "./read_archive.ts";

const RAW = mailOf({
  headers: [
    "Message-ID: <id@example.com>",
    "Date: Sun, 01 Nov 2026 12:00:00 +0000",
    "Content-Type: multipart/mixed; boundary=b",
  ],
  body: [
    "--b\r\n\r\nHello",
    "--b\r\nContent-Type: text/html\r\n\r\n<b>Hello</b>",
    "--b\r\nContent-Disposition: attachment; filename=a.pdf",
    "Content-Type: application/pdf\r\n\r\n%PDF",
    "--b--",
  ].join("\r\n"),
});

interface Call extends Partial<Parameters<typeof readArchive>[1]> {
  readonly path?: string;
  /** The name by which the caller calls this machine. @default "127.0.0.1" */
  readonly name?: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A document without deliveries, and without its bytes. */
async function documentOf(mail: Uint8Array<ArrayBuffer>) {
  const { raw: _raw, ...document } = await toArchiveDocument(receiveMail(mail), {
    storedAt: new Date("2026-11-01T12:00:05.123Z"),
    pollTraceId: null,
  });
  return { ...document, deliveries: [] };
}

const document = await documentOf(RAW);
const MAIL = toArchivedMail({
  ...document,
  deliveries: [{ mailtrapId: 7, receivedAt: new Date("2026-11-01T12:00:01Z") }],
});
const PATH = `/archive/${MAIL.documentId}`;

/** Sends a request to an archive with one mail. */
async function ask(
  { path = PATH, name = "127.0.0.1", method = "GET", headers = {}, ...access }: Call = {},
  outcome: ReadOutcome = { status: "found", mail: MAIL },
): Promise<Response | undefined> {
  const read = (id: string) =>
    Promise.resolve<ReadOutcome>(id === MAIL.documentId ? outcome : { status: "unknown" });
  const settings = { HOST: "127.0.0.1", API_TOKEN: undefined, ALLOW_ANONYMOUS: false };
  const answer = readArchive({ read }, { ...settings, ...access });
  return await answer(new Request(`http://${name}:8082${path}`, { method, headers }));
}

Deno.test("toArchivedMail() shows all of a mail except its bytes", () => {
  const { headers, ...mail } = MAIL;
  deepEqual(mail, {
    documentId: document._id,
    messageId: "<id@example.com>",
    from: { address: "sender@example.com", name: "Sender" },
    to: [{ address: "recipient@example.com", name: "" }],
    subject: "Subject",
    date: "2026-11-01T12:00:00.000Z",
    text: "Hello",
    html: "<b>Hello</b>",
    attachments: [{ name: "a.pdf", type: "application/pdf", sizeBytes: "%PDF".length }],
    sizeBytes: RAW.length,
    storedAt: "2026-11-01T12:00:05.123Z",
    deliveries: [{ mailtrapId: 7, receivedAt: "2026-11-01T12:00:01.000Z" }],
  });
  deepEqual(headers, receiveMail(RAW).headers);
  deepEqual(archivedMail.parse(MAIL), MAIL);
});

Deno.test("toArchivedMail() names the authors where there are several", async () => {
  const { from, authors } = toArchivedMail(
    await documentOf(bytes("From: a@example.com, B <b@example.com>\r\n\r\n")),
  );
  deepEqual(from, { address: "a@example.com", name: "" });
  deepEqual(authors, [from, { address: "b@example.com", name: "B" }]);
});

Deno.test("toArchivedMail() shows a document from before there were authors", () => {
  const { authors: _authors, ...former } = document;
  const { from, authors } = toArchivedMail(former);
  deepEqual([from, authors], [{ address: "sender@example.com", name: "Sender" }, undefined]);
});

Deno.test("toArchivedMail() leaves out what a mail does not have", async () => {
  deepEqual(Object.keys(toArchivedMail(await documentOf(bytes("\r\nHello")))), [
    "documentId",
    "attachments",
    "headers",
    "sizeBytes",
    "storedAt",
    "deliveries",
  ]);
});

Deno.test("readArchive() answers a mail as JSON that must not be cached", async () => {
  const response = await ask();
  equal(response?.status, 200);
  equal(response?.headers.get("cache-control"), "no-store");
  deepEqual(await response?.json(), MAIL);
});

Deno.test("readArchive() answers 503 and why when the database fails", async () => {
  const response = await ask({}, { status: "failed", reason: "no primary" });
  equal(response?.status, 503);
  match(await response?.text() ?? "", /Cannot show the mail: no primary; try again later/);
});

const TOKEN = { API_TOKEN: "s3cret-t0ken" };
const WITH_TOKEN = { authorization: "Bearer s3cret-t0ken" };
const WITH_ANOTHER = { authorization: "Bearer s3cret-t0kem" };

const CALLS: readonly (readonly [status: number | undefined, call: Call])[] = [
  [200, { HOST: "localhost" }],
  [200, { HOST: "::1" }],
  [403, { HOST: "0.0.0.0" }],
  [403, { HOST: "192.0.2.1", headers: WITH_TOKEN }],
  [200, { HOST: "0.0.0.0", ALLOW_ANONYMOUS: true }],
  [200, { HOST: "0.0.0.0", ...TOKEN, headers: WITH_TOKEN }],
  [401, { HOST: "0.0.0.0", ...TOKEN }],
  [401, { HOST: "0.0.0.0", ...TOKEN, headers: WITH_ANOTHER }],
  [401, TOKEN],
  // It does not reveal which mails there are.
  [401, { ...TOKEN, path: `/archive/${"0".repeat(64)}` }],
  [200, { ...TOKEN, headers: WITH_TOKEN }],
  [401, { HOST: "0.0.0.0", ALLOW_ANONYMOUS: true, ...TOKEN }],
  [200, { name: "[::1]" }],
  // A web site can make its own name resolve to this machine.
  [403, { name: "evil.example" }],
  [200, { name: "poller.example", ALLOW_ANONYMOUS: true }],
  [200, { name: "poller.example", ...TOKEN, headers: WITH_TOKEN }],
  [405, { method: "POST" }],
  [405, { method: "DELETE" }],
  ...["0".repeat(64), "1", "", "%00", MAIL.documentId.toUpperCase()].map((id) =>
    [404, { path: `/archive/${id}` }] as const
  ),
  // These paths are others'.
  ...["/", "/archive", "/healthz", `${PATH}/raw`].map((path) => [undefined, { path }] as const),
];

Deno.test.each(CALLS)("readArchive() answers %s to %j", async (status, call) => {
  equal((await ask(call))?.status, status);
});

Deno.test("readArchive() says which name to use", async () => {
  const response = await ask({ name: "poller.example" });
  match(await response?.text() ?? "", /another name than localhost; use that, or set API_TOKEN/);
});
