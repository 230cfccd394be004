import { deepEqual, equal, match } from "node:assert/strict";
import { bytes } from "../testing/mails.ts";
import { receiveMail } from "./arrival.ts";
import { readMail } from "./mail_content.ts";
import { MAX_HEADER_BYTES } from "./split_mail.ts";

async function read(raw: Uint8Array<ArrayBuffer>) {
  return await readMail(receiveMail(raw), new AbortController().signal);
}

/** Reads a mail of these headers, without a body. */
async function readHeaders(...headers: readonly string[]) {
  return await read(bytes([...headers, "", ""].join("\r\n")));
}

Deno.test("readMail() has null for what a mail lacks", async () => {
  deepEqual(await readHeaders("X-Other: 1", "Date: yesterday", "Message-ID: <>"), {
    messageId: null,
    from: null,
    authors: [],
    to: [],
    subject: null,
    date: null,
    text: "",
    html: null,
    attachments: [],
    parseError: null,
  });
});

Deno.test("readMail() keeps a Message-ID without brackets", async () => {
  equal((await readHeaders("Message-ID: id@example.com")).messageId, "id@example.com");
});

Deno.test("readMail() reads headers in raw UTF-8", async () => {
  const { from, to, subject } = await readHeaders(
    'From: "Fölker Börnitt" <folker@example.org>',
    "To: HerzlicheGlückwünsche",
    "Subject: ● Überraschung für Kunden ●",
  );
  deepEqual({ from, to, subject }, {
    from: { address: "folker@example.org", name: "Fölker Börnitt" },
    to: [{ address: "", name: "HerzlicheGlückwünsche" }],
    subject: "● Überraschung für Kunden ●",
  });
});

Deno.test("readMail() reads all authors, the first in from, and the recipients of each To header", async () => {
  const { from, authors, to } = await readHeaders(
    "From: A <a@example.com>, b@example.com",
    "To: t: b@example.com;",
    "To: c@example.com",
  );
  deepEqual(from, { address: "a@example.com", name: "A" });
  deepEqual(authors, [from, { address: "b@example.com", name: "" }]);
  deepEqual(to.map(({ address }) => address), ["b@example.com", "c@example.com"]);
});

/** Real-world lists, including RFC 5322's examples, and their addresses with names. */
const LISTS: readonly (readonly [list: string, addresses: Readonly<Record<string, string>>])[] = [
  ["Ann <ann@example.org>, bob@example.org", { "ann@example.org": "Ann", "bob@example.org": "" }],
  ['"Giant; \\"Big\\" Box" <box@example.net>', { "box@example.net": 'Giant; "Big" Box' }],
  ["A Group:Ed <c@a.test>,joe@where.test;", { "c@a.test": "Ed", "joe@where.test": "" }],
  ["Undisclosed recipients:;", {}],
  ["Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>", { "pete@silly.test": "Pete" }],
  [
    "Mary Smith <@node.test:mary@example.net>, , jdoe@test  . example",
    { "mary@example.net": "Mary Smith", "jdoe@test.example": "" },
  ],
  ["ann@example.org (=?utf-8?Q?Gr=C3=BC=C3=9Fe?=)", { "ann@example.org": "Grüße" }],
  ["Ann (bob@evil.example) <ann@example.org>", { "ann@example.org": "Ann" }],
  ['"a@b"@example.org', { '"a@b"@example.org': "" }],
  ['"bob@example.org" <ann@example.org>', { "ann@example.org": "bob@example.org" }],
  ["=?utf-8?Q?ann=40example.org?= <ann@example.org>", { "ann@example.org": "" }],
  ["=?utf-8?Q?Gr=C3=BC=C3=9Fe=2C_Inc?= <g@example.org>", { "g@example.org": "Grüße, Inc" }],
  ["=?utf-8?Q?a=40b_=3Cevil=40x=3E?= <g@example.org>", { "g@example.org": "a@b <evil@x>" }],
  ["Jürgen <jürgen@exämple.org>", { "jürgen@exämple.org": "Jürgen" }],
  ["a@b.example; c@d.example", { "a@b.example": "", "c@d.example": "" }],
  ["<>", {}],
  ["", {}],
];

Deno.test.each(LISTS)("readMail() reads the addresses %j", async (list, addresses) => {
  deepEqual(
    (await readHeaders(`To: ${list}`)).to,
    Object.entries(addresses).map(([address, name]) => ({ address, name })),
  );
});

Deno.test.each([
  ["=?utf-8?B?w6Q=?=\r\n =?utf-8?Q?=C3=BC?= x", "äü x"],
  ["=?utf-8?Q?=C3?=\r\n =?utf-8?Q?=A4?=", "ä"],
  ["=?iso-2022-jp?B?GyRCRnxLXBsoQg==?=", "日本"],
  ["=?not encoded?= x", "=?not encoded?= x"],
  ["one\r\n two", "one two"],
  ["=?utf-8?Q?=EF=BB=BFx?=", "x"],
  ["", ""],
])("readMail() reads the subject %j", async (value, subject) => {
  equal((await readHeaders(`Subject: ${value}`)).subject, subject);
});

Deno.test.each([
  ["without headers", "\r\nBody\r\n", /no headers/],
  ["that is empty", "", /no headers/],
  ["that is garbage", "\0\xff\n\r\xc8", /no headers/],
  [
    "with too many headers",
    `From: a@example.com\r\n${"A: b\r\n".repeat(MAX_HEADER_BYTES)}`,
    /headers have more than \d+ bytes/,
  ],
  [
    "that is nested too deeply",
    `From: a@example.com\r\n${
      Array.from(
        { length: 300 },
        (_, depth) => `Content-Type: multipart/mixed; boundary="${depth}"\r\n\r\n--${depth}\r\n`,
      ).join("")
    }`,
    /nested more than 100 deep/,
  ],
])("readMail() says why it cannot read a mail %s", async (_what, raw, error) => {
  const { parseError, text, html, attachments } = await read(bytes(raw));
  match(parseError ?? "", error);
  deepEqual({ text, html, attachments }, { text: null, html: null, attachments: [] });
});
