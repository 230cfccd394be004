import { deepEqual } from "node:assert/strict";
import { receiveMail } from "../mail/mod.ts";
import { answerOf } from "../testing/answers.ts";
import { ENOUGH_ROOM } from "../testing/fakes.ts";
import { mailOf } from "../testing/mails.ts";
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
  ["its connection alone", {}, false, NO_END],
  ["a length that is none", lengthOf("many"), false, NO_END],
  ["two lengths", lengthOf(`${SIZE}, 7`), false, NO_END],
  ["another coding below the chunks", { "transfer-encoding": "gzip, chunked" }, false, NO_END],
  [
    "a length less than listed",
    LENGTH,
    true,
    `it has ${SIZE} bytes, and the list says ${SIZE + 1}`,
  ],
])("readMailAnswer() doubts a mail with %s", async (_what, headers, isEndShown, why) => {
  const reason = `Mailtrap's answer may be a part of the mail: ${why}`;
  deepEqual(await read(headers, { sizeBytes: SIZE + 1 }), taken({ reason, isEndShown }));
});
