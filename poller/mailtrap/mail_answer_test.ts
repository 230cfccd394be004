import { deepEqual } from "node:assert/strict";
import { receiveMail } from "../mail/mod.ts";
import { answerOf } from "../testing/answers.ts";
import { ENOUGH_ROOM } from "../testing/fakes.ts";
import { mailOf } from "../testing/mails.ts";
import { readMailAnswer } from "./mail_answer.ts";

const MAIL = mailOf();
const SIZE = MAIL.length;
const LENGTH = { "content-length": String(SIZE) };

/** Reads an answer with the mail that the list says has this size. */
async function read(
  headers: Readonly<Record<string, string>>,
  { status = 200, sizeBytes }: {
    readonly status?: number;
    readonly sizeBytes?: number | undefined;
  } = {},
) {
  const message = { id: 7, receivedAt: new Date(0), sizeBytes };
  return await readMailAnswer(answerOf(MAIL, { status, headers }), message, ENOUGH_ROOM);
}

Deno.test.each([
  undefined,
  "message/rfc822",
  "Message/RFC822; charset=utf-8",
  "message/global",
  "text/plain",
  "application/octet-stream",
])("readMailAnswer() takes a mail of type %s", async (type) => {
  const headers = type === undefined ? LENGTH : { ...LENGTH, "content-type": type };
  deepEqual(await read(headers), {
    outcome: "ok",
    value: { mail: receiveMail(MAIL), doubt: undefined },
  });
});

Deno.test.each([
  [201, LENGTH, "its status is 201"],
  [202, LENGTH, "its status is 202"],
  [200, { "content-type": "text/html; charset=utf-8" }, "its type is text/html"],
  [200, { "content-type": "multipart/byteranges" }, "its type is multipart/byteranges"],
  [200, { "content-encoding": "gzip" }, "it is encoded as gzip"],
  [200, { "content-length": "40000001" }, "it has more than 40000000 bytes"],
  [200, { "content-length": "1000" }, `it has ${SIZE} bytes, and Content-Length says 1000`],
  [200, { "content-length": "7" }, "it has 8 bytes, and Content-Length says 7"],
])("readMailAnswer() refuses %s and %j", async (status, headers, why) => {
  deepEqual(await read({ ...LENGTH, ...headers }, { status }), {
    outcome: "refused",
    reason: `Mailtrap's answer is not the mail: ${why}`,
  });
});

const NO_END = { why: "neither a length nor a last chunk shows its end", isEndShown: false };

for (
  const [what, headers, listed, doubt] of [
    ["its length twice", { "content-length": `${SIZE}, ${SIZE}` }, undefined, undefined],
    ["the last chunk", { "transfer-encoding": "chunked" }, undefined, undefined],
    ["its connection alone", {}, undefined, NO_END],
    ["a length that is none", { "content-length": "many" }, undefined, NO_END],
    ["two lengths", { "content-length": `${SIZE}, 7` }, undefined, NO_END],
    [
      "another coding below the chunks",
      { "transfer-encoding": "gzip, chunked" },
      undefined,
      NO_END,
    ],
    ["its length, more than the list says", LENGTH, SIZE - 1, undefined],
    ["its length, as the list says", LENGTH, SIZE, undefined],
    ["its length, less than the list says", LENGTH, SIZE + 1, {
      why: `it has ${SIZE} bytes, and the list says ${SIZE + 1}`,
      isEndShown: true,
    }],
  ] as const
) {
  Deno.test(`readMailAnswer() ${doubt ? "doubts" : "trusts"} a mail whose end is shown by ${what}`, async () => {
    deepEqual(await read(headers, { sizeBytes: listed }), {
      outcome: "ok",
      value: {
        mail: receiveMail(MAIL),
        doubt: doubt && {
          reason: `Mailtrap's answer may be a part of the mail: ${doubt.why}`,
          isEndShown: doubt.isEndShown,
        },
      },
    });
  });
}
