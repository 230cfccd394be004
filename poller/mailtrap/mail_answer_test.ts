import { deepEqual, equal, ok } from "node:assert/strict";
import { receiveMail } from "../mail/mod.ts";
import { answerOf } from "../testing/answers.ts";
import { ENOUGH_ROOM } from "../testing/fakes.ts";
import { bytes, mailOf } from "../testing/mails.ts";
import type { MailDoubt } from "./inbox.ts";
import { readMailAnswer } from "./mail_answer.ts";

const MAIL = mailOf();
const SIZE = MAIL.length;
const lengthOf = (value: string) => ({ "content-length": value });
const LENGTH = lengthOf(String(SIZE));

/** Reads an answer with the mail that the list says has this size. */
async function read(
  headers: Readonly<Record<string, string>>,
  { status = 200, sizeBytes }: { readonly status?: number; readonly sizeBytes?: number } = {},
) {
  const message = { id: 7, receivedAt: new Date(0), sizeBytes };
  return await readMailAnswer(answerOf(MAIL, { status, headers }), message, ENOUGH_ROOM);
}

function taken(doubt?: MailDoubt) {
  return { outcome: "ok", value: { mail: receiveMail(MAIL), doubt } };
}

Deno.test.each([
  ["message/rfc822"],
  ["Message/RFC822; charset=utf-8"],
  ["message/global"],
  ["text/plain"],
  ["application/octet-stream"],
])("readMailAnswer() takes a mail of type %s", async (type) => {
  deepEqual(await read({ ...LENGTH, "content-type": type }), taken());
});

Deno.test.each([
  [201, LENGTH, "its status is 201"],
  [202, LENGTH, "its status is 202"],
  [200, { "content-type": "text/html; charset=utf-8" }, "its type is text/html"],
  [200, { "content-type": "multipart/byteranges" }, "its type is multipart/byteranges"],
  [200, { "content-encoding": "gzip" }, "it is encoded as gzip"],
  [200, lengthOf("40000001"), "it has more than 40000000 bytes"],
  [200, lengthOf("1000"), `it has ${SIZE} bytes, and Content-Length says 1000`],
  [200, lengthOf("7"), "it has 8 bytes, and Content-Length says 7"],
])("readMailAnswer() refuses %s and %j", async (status, headers, why) => {
  deepEqual(await read({ ...LENGTH, ...headers }, { status }), {
    outcome: "refused",
    reason: `Mailtrap's answer is not the mail: ${why}`,
  });
});

Deno.test("readMailAnswer() refuses what does not look like a mail", async () => {
  const answer = answerOf("<html>", { headers: lengthOf("6") });
  deepEqual(await readMailAnswer(answer, { id: 7, receivedAt: new Date(0) }, ENOUGH_ROOM), {
    outcome: "refused",
    reason: "Mailtrap's answer is not the mail: it does not begin with a header field",
  });
});

/** The doubt about a mail with these fields in place of its subject, and with this subject in the list. */
async function doubtOfListed(fields: string, subject: string | undefined) {
  const mail = bytes(`From: a@example.com\r\n${fields}\r\n\r\nBody\r\n`);
  const answer = answerOf(mail, { headers: lengthOf(String(mail.length)) });
  const message = { id: 7, receivedAt: new Date(0), subject };
  const reading = await readMailAnswer(answer, message, ENOUGH_ROOM);
  ok(reading.outcome === "ok");
  return reading.value.doubt;
}

Deno.test.each([
  ["Subject: Invoice 12", "Invoice 13"],
  ["Subject: Invoice", "Grüße"],
  ["Subject:\r\n Invoice\r\n 12", "Reminder"],
])("readMailAnswer() doubts a mail with %j that the list calls %j", async (fields, listed) => {
  deepEqual(await doubtOfListed(fields, listed), {
    reason: "Mailtrap's answer may be another mail: the list has another subject",
    isKept: true,
  });
});

Deno.test.each([
  ["Subject: Invoice 12", undefined],
  ["Subject: Invoice 12", ""],
  ["X-No-Subject: yes", "(no subject)"],
  ["Subject:", "(no subject)"],
  ["Subject: Invoice\r\n 12\r\n\tof May", "Invoice12 of May"],
  ["Subject: Invoice 12 of May", "Invoice 12 o…"],
  ["Subject: Invoice 12 of May", "Invoice 12 ..."],
  ["Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=", "Grüße"],
  ["Subject: =?utf-8?Q?Gr=C3", "Gr"],
  ["Subject: Grüße", "GrÃ¼Ãe"],
  ["Subject: \x1b$B4A;z\x1b(B", "漢字"],
  ["Subject: Cats & dogs", "Cats &amp; dogs"],
  ["Subject: a <b>bold</b> offer", "a bold offer"],
  ["Subject: You're in", "You&#39;re in"],
  ["Subject: First\r\nSubject: Second", "Second"],
  ["Subject: First\rX-Bare: yes", "First X-Bare: yes"],
])(
  "readMailAnswer() does not doubt a mail with %j that the list calls %j",
  async (fields, listed) => {
    equal(await doubtOfListed(fields, listed), undefined);
  },
);

Deno.test.each([
  ["its length", LENGTH, {}],
  ["its length twice", lengthOf(`${SIZE}, ${SIZE}`), {}],
  ["the last chunk", { "transfer-encoding": "chunked" }, {}],
  ["its length, more than the list says", LENGTH, { sizeBytes: SIZE - 1 }],
  ["its length, as the list says", LENGTH, { sizeBytes: SIZE }],
])("readMailAnswer() trusts a mail whose end is shown by %s", async (_what, headers, listed) => {
  deepEqual(await read(headers, listed), taken());
});

const NO_END = "neither a length nor a last chunk shows its end";

Deno.test.each([
  ["its connection alone", {}, true, NO_END],
  ["a length that is none", lengthOf("many"), true, NO_END],
  ["two lengths", lengthOf(`${SIZE}, 7`), true, NO_END],
  ["another coding below the chunks", { "transfer-encoding": "gzip, chunked" }, true, NO_END],
  [
    "a length less than listed",
    LENGTH,
    false,
    `it has ${SIZE} bytes, and the list says ${SIZE + 1}`,
  ],
])("readMailAnswer() doubts a mail with %s", async (_what, headers, isKept, why) => {
  const reason = `Mailtrap's answer may be a part of the mail: ${why}`;
  deepEqual(await read(headers, { sizeBytes: SIZE + 1 }), taken({ reason, isKept }));
});
