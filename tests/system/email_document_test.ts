/**
 * The archive holds what was posted: an email document becomes a mail, is sent, and is read again, with only its line ends
 * changed.
 *
 * @module
 */
import assert from "node:assert/strict";
import { emailerConfiguration } from "@playground/emailer/configuration";
import { composeMail, type Mail } from "@playground/emailer/mail";
import { createSmtpTransport } from "@playground/emailer/smtp-transport";
import { type ArchiveDocument, toArchiveDocument } from "@playground/poller/archive";
import { pollerConfiguration } from "@playground/poller/configuration";
import { receiveMail } from "@playground/poller/mail";
import { mailtrapInbox } from "@playground/poller/mailtrap";
import { type EmailDocument, messageIdOf, parseEmailDocument } from "@playground/shared/email";
import { integrationTest } from "@playground/shared/testing";
import fc from "fast-check";
import { startMailtrap } from "../../tasks/standins/mailtrap/mod.ts";

const EMAIL_ID = "0190d6f2-8c1a-7a60-8000-000000000001";
const DATE = new Date("2026-11-24T12:34:56Z");

/** Texts with a meaning in mail headers, texts that readers trim, and texts that do not fit a line. */
const HEADER_PIECES: readonly string[] = [
  ..." \t,;:<>()\"\\'=_\ufeff\ufffd\u00a0\u0001\x7f\u0085\u2028ä",
  "  ",
  "?=",
  "=?",
  "=?UTF-8?Q?=C3=A4?=",
  "=?utf-8?B?w6Q=?=",
  "else@example.com",
  "<else@example.com>",
  "Bcc: else@example.com",
  "group: x;",
  "日本語",
  "👩‍👩‍👧‍👦",
  "word ".repeat(20),
  "w".repeat(80),
];

/** The same for a body: texts with a meaning in SMTP and MIME. */
const BODY_PIECES: readonly string[] = [
  ...HEADER_PIECES,
  ..."\n\r\0.",
  "\n\n",
  "\r\n",
  "\n.\n",
  "\r\n.\r\n",
  "\n..",
  " \n",
  "\t\n",
  "=\n",
  "\n--boundary--\n",
  "\nFrom here\n",
  "x".repeat(1_100),
  "ö".repeat(1_100),
];

/** Any Unicode string; usual ones and difficult ones come more often. */
function text(pieces: readonly string[]): fc.Arbitrary<string> {
  return fc.oneof(
    fc.string({ unit: "binary" }).filter((value) => value.isWellFormed()),
    fc.string({ unit: "grapheme", maxLength: 200 }),
    fc.array(fc.oneof(fc.constantFrom(...pieces), fc.string({ unit: "binary", maxLength: 3 })), {
      maxLength: 12,
    }).map((parts) => parts.join("")),
  );
}

const headerText = text(HEADER_PIECES).map((value) => value.replace(/[\r\n\0]/g, "")).filter((
  value,
) => value.length <= 998);

const address = fc.tuple(
  fc.stringMatching(/^[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+){0,3}$/),
  fc.domain(),
).map(([local, domain]) => `${local}@${domain}`);

const party = fc.record({ address, display: headerText }, { requiredKeys: ["address"] });

const emailDocument: fc.Arbitrary<EmailDocument> = fc.record({
  sender: party,
  recipient: party,
  subject: headerText.filter((value) => value !== ""),
  body: text(BODY_PIECES).filter((value) => value !== ""),
}).filter((document) => parseEmailDocument(document).ok);

function write(document: EmailDocument): Mail {
  return composeMail({
    document,
    emailId: EMAIL_ID,
    messageId: messageIdOf(EMAIL_ID, "playground.invalid"),
    date: DATE,
  });
}

async function read(raw: Uint8Array): Promise<ArchiveDocument> {
  const mail = receiveMail(new Uint8Array(raw));
  return await toArchiveDocument(mail, { storedAt: DATE, pollTraceId: null });
}

function assertUnchanged(archived: ArchiveDocument, document: EmailDocument): void {
  const { parseError, subject, authors, to, text, html, attachments, emailId, date } = archived;
  assert.deepEqual({ parseError, subject, authors, to, text, html, attachments, emailId, date }, {
    parseError: null,
    subject: document.subject,
    authors: [archivedParty(document.sender)],
    to: [archivedParty(document.recipient)],
    text: document.body.replace(/\r\n|\r/g, "\n"),
    html: null,
    attachments: [],
    emailId: EMAIL_ID,
    date: DATE,
  });
}

/** A mail's reader ignores a name that only repeats the address. */
function archivedParty({ address, display = "" }: EmailDocument["sender"]) {
  return { address, name: display === address ? "" : display };
}

/** No document adds a header, a mailbox or a part to its mail. */
const HEADER_NAMES: readonly string[] = [
  "From",
  "To",
  "Subject",
  "X-Mailer",
  "X-Email-Id",
  "Message-ID",
  "Date",
  "MIME-Version",
  "Content-Type",
  "Content-Transfer-Encoding",
];

Deno.test("an email document comes out of composeMail() and toArchiveDocument() as it went in", async () => {
  await fc.assert(
    fc.asyncProperty(emailDocument, async (document) => {
      const { raw, envelope } = write(document);
      // No line is longer than SMTP takes.
      for (const line of new TextDecoder("latin1").decode(raw).split("\r\n")) {
        assert.ok(line.length <= 998 && !/[\r\n\0\x80-\xff]/.test(line), JSON.stringify(line));
      }
      const archived = await read(raw);
      assertUnchanged(archived, document);
      assert.deepEqual(archived.headers.map(({ name }) => name), HEADER_NAMES);
      const { sender, recipient } = document;
      assert.deepEqual(envelope, { from: sender.address, to: [recipient.address] });
    }),
    { numRuns: 300 },
  );
});

Deno.test("the largest email document comes out as it went in", async () => {
  const longest = (character: string) => character.repeat(998 / character.length);
  for (const character of ["x", " ", "ä", "👪", "\ufeff"]) {
    const party = {
      address: `${"a".repeat(60)}@${"b".repeat(60)}.example`,
      display: longest(character),
    };
    const document = {
      sender: party,
      recipient: party,
      subject: longest(character),
      body: character.repeat(1_048_576 / new TextEncoder().encode(character).length),
    };
    assert.ok(parseEmailDocument(document).ok);
    assertUnchanged(await read(write(document).raw), document);
  }
});

/** Addresses at the edges of what {@linkcode parseEmailDocument} takes, as it makes them. */
const ADDRESSES: readonly string[] = [
  "SRS0=mLwe=5P=example.org=test@forward.example",
  "#a&b!/~=+'@xn--fsqu00a.xn--p1ai",
  "用户@xn--fsqu00a.example",
  "josé.δοκιμή@example.com",
  "👩\u200d💻@example.com",
  `${"a".repeat(242)}@example.com`,
  `${"ü".repeat(121)}@example.com`,
];

integrationTest("an email document comes out of Mailtrap as it went in", async () => {
  await using mailtrap = await startMailtrap({ smtpPort: 0, apiPort: 0 });
  const environment = {
    ...mailtrap.variables,
    AMQP_URL: "amqp://127.0.0.1",
    MONGODB_URL: "mongodb://127.0.0.1",
  };
  using transport = createSmtpTransport(emailerConfiguration.parse(environment));
  const inbox = mailtrapInbox(pollerConfiguration.parse(environment));
  const assertPasses = async (document: EmailDocument) => {
    assert.deepEqual(await transport.send(write(document)), {
      status: "accepted",
      replyCode: 250,
    });
    const list = await inbox.list();
    assert.ok(list.outcome === "ok");
    const [message, ...others] = list.value.messages;
    assert.ok(message !== undefined && others.length === 0);
    const fetched = await inbox.fetch(message, { resize: () => {} });
    assert.ok(fetched.outcome === "ok");
    assert.equal((await inbox.delete(message)).outcome, "ok");
    assertUnchanged(await read(fetched.value.mail.raw), document);
  };
  for (const address of ADDRESSES) {
    const document = { sender: { address }, recipient: { address }, subject: "s", body: "b" };
    assert.deepEqual(parseEmailDocument(document), { ok: true, document });
    await assertPasses(document);
  }
  await fc.assert(fc.asyncProperty(emailDocument, assertPasses), { numRuns: 60 });
});
