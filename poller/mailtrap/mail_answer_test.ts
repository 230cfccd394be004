import { deepEqual, equal, match, ok } from "node:assert/strict";
import { receiveMail } from "../mail/mod.ts";
import { answerOf, mailAnswer } from "../testing/answers.ts";
import { ENOUGH_ROOM } from "../testing/fakes.ts";
import { mailOf } from "../testing/mails.ts";
import type { InboxMessage } from "./inbox.ts";
import { MAX_MAIL_BYTES, readMailAnswer } from "./mail_answer.ts";

const MESSAGE: InboxMessage = { id: 7, receivedAt: new Date(0) };
const MAIL = mailOf();

const read = (response: Response, message: InboxMessage = MESSAGE) =>
  readMailAnswer(response, message, ENOUGH_ROOM);

for (
  const type of [
    "message/rfc822",
    "Message/RFC822; charset=utf-8",
    "message/global",
    "text/plain",
    "application/octet-stream",
  ]
) {
  Deno.test(`readMailAnswer() takes a mail of type ${type}`, async () => {
    deepEqual(await read(mailAnswer(MAIL, { "content-type": type })), {
      outcome: "ok",
      value: { mail: receiveMail(MAIL), doubt: undefined },
    });
  });
}

Deno.test("readMailAnswer() takes a mail without a type", async () => {
  const headers = { "content-length": String(MAIL.length) };
  equal((await read(answerOf(MAIL, { headers }))).outcome, "ok");
});

for (
  const [status, type, why] of [
    [201, "message/rfc822", "its status is 201"],
    [202, "message/rfc822", "its status is 202"],
    [200, "text/html; charset=utf-8", "its type is text/html"],
    [200, "multipart/byteranges", "its type is multipart/byteranges"],
  ] as const
) {
  Deno.test(`readMailAnswer() refuses a mail of type ${type} with the status ${status}`, async () => {
    const headers = { "content-type": type, "content-length": String(MAIL.length) };
    deepEqual(await read(answerOf(MAIL, { status, headers })), {
      outcome: "refused",
      reason: `Mailtrap's answer is not the mail: ${why}`,
    });
  });
}

Deno.test("readMailAnswer() refuses a mail of more than 40 MB", async () => {
  const reading = await read(mailAnswer(MAIL, { "content-length": String(MAX_MAIL_BYTES + 1) }));
  ok(reading.outcome === "refused");
  match(reading.reason, /it has more than 40000000 bytes$/);
});

Deno.test("readMailAnswer() doubts a mail that is smaller than the list says, and not one that is larger", async () => {
  const doubtAt = async (sizeBytes: number) => {
    const reading = await read(mailAnswer(MAIL), { ...MESSAGE, sizeBytes });
    ok(reading.outcome === "ok");
    return reading.value.doubt;
  };
  equal(await doubtAt(MAIL.length - 1), undefined);
  equal(await doubtAt(MAIL.length), undefined);
  deepEqual(await doubtAt(MAIL.length + 1), {
    reason: "Mailtrap's answer may be a part of the mail: " +
      `it has ${MAIL.length} bytes, and the list says ${MAIL.length + 1}`,
    isEndShown: true,
  });
});

Deno.test("readMailAnswer() doubts a mail whose end HTTP does not show", async () => {
  const reading = await read(answerOf(MAIL, { headers: { "content-type": "message/rfc822" } }));
  ok(reading.outcome === "ok");
  equal(reading.value.doubt?.isEndShown, false);
});
