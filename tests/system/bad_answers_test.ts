/**
 * How the mail poller handles bad answers of Mailtrap's API: a mail is deleted only when all of it is archived. The API writes
 * its answers byte by byte, the database and the collector are the stand-ins.
 *
 * @module
 */
import { deepEqual, equal } from "node:assert/strict";
import { integrationTest, waitFor } from "@playground/shared/testing";
import { startPollerBench } from "../fixture/poller_bench.ts";
import { httpAnswer, type RawAnswer, rawAnswer } from "../fixture/scripted_mailtrap.ts";

function mailOf(id: number): Uint8Array {
  return new TextEncoder().encode(
    `From: me@example.com\r\nTo: you@example.com\r\nSubject: No ${id}\r\n` +
      `Message-ID: <${id}@example.com>\r\n\r\n${"Whatever you want.\r\n".repeat(20)}`,
  );
}

const MAIL = mailOf(1);
const HALF = MAIL.subarray(0, MAIL.length / 2);
const RFC822 = { "content-type": "message/rfc822" };

/** A mail in one chunk, and what comes after it. */
function chunked(mail: Uint8Array, end: "" | "0\r\n\r\n"): Uint8Array {
  const chunk = `${mail.length.toString(16)}\r\n${new TextDecoder().decode(mail)}\r\n${end}`;
  return rawAnswer(
    "200 OK",
    { ...RFC822, "transfer-encoding": "chunked" },
    new TextEncoder().encode(chunk),
  );
}

/** Wrong answers of `body.eml`, and why they are refused. The poller's unit tests have further ones that are not a mail at all. */
const BAD_ANSWERS: readonly (readonly [what: string, answer: RawAnswer, reason: RegExp])[] = [
  [
    "200 text/plain with a sentence",
    httpAnswer("200 OK", { "content-type": "text/plain" }, "Service temporarily unavailable"),
    /does not begin with a header field$/,
  ],
  ["an empty 200", httpAnswer("200 OK", RFC822, ""), /it is empty$/],
  ["a 206", httpAnswer("206 Partial Content", RFC822, HALF), /its status is 206$/],
  [
    "a body whose connection ends early without a Content-Length",
    rawAnswer("200 OK", RFC822, HALF),
    /may be a part of the mail: neither a length nor a last chunk shows its end$/,
  ],
  [
    "a body whose connection ends before its Content-Length",
    rawAnswer("200 OK", { ...RFC822, "content-length": String(MAIL.length) }, HALF),
    /^Mailtrap's answer broke off: /,
  ],
  ["chunks without the last one", chunked(HALF, ""), /^Mailtrap's answer broke off: /],
  [
    "half a mail as if it were all",
    httpAnswer("200 OK", RFC822, HALF),
    /may be a part of the mail: it has \d+ bytes, and the list says \d+$/,
  ],
];

const ANSWER_OF = new Map(BAD_ANSWERS.map(([, answer], index) => [index + 1, answer]));
const IDS = [...ANSWER_OF.keys()];
/** A complete mail; only its last chunk shows that. */
const WHOLE = 100;

integrationTest("the poller neither archives nor deletes a mail for which it gets", async (t) => {
  await using bench = await startPollerBench();
  const { mailtrap, archived, readiness } = bench;
  const archivedSubjects = async () => (await archived()).map(({ subject }) => subject);
  mailtrap.script = ({ method, id = 0 }) => method === "GET" ? ANSWER_OF.get(id) : undefined;
  for (const id of IDS) mailtrap.mails.set(id, MAIL);
  const areAsked = (count: number) => IDS.every((id) => mailtrap.count("GET", id) >= count);
  await waitFor("the mails are asked for", () => areAsked(1));
  ANSWER_OF.set(WHOLE, chunked(mailOf(WHOLE), "0\r\n\r\n"));
  mailtrap.mails.set(WHOLE, mailOf(WHOLE));
  await waitFor("another mail is archived", async () => (await archived()).length === 1);
  await waitFor("the mails are asked for again", () => areAsked(3));

  const { status } = await readiness();
  for (const [index, [what, , reason]] of BAD_ANSWERS.entries()) {
    const id = index + 1;
    await t.step(what, async () => {
      equal(mailtrap.count("DELETE", id), 0);
      await waitFor("each is an error span with its reason", async () => {
        const spans = (await bench.spans("fetch-message")).filter(({ tags }) =>
          tags?.["http.url"]?.includes(`/messages/${id}/`)
        );
        return spans.length >= 3 && spans.every(({ tags }) => reason.test(tags?.error ?? ""));
      });
      await waitFor("/readyz names the mail", async () => {
        const { warning = "" } = await readiness();
        const [, ofMail = ""] = warning.split(`message ${id}: `);
        return reason.test(ofMail.split("; ")[0] ?? "");
      });
    });
  }
  await t.step(
    "which is all that is left: others are archived and the poller is ready",
    async () => {
      equal(status, 200);
      deepEqual(await archivedSubjects(), [`No ${WHOLE}`]);
      equal((await archived())[0]?.doubt, null);
      equal(mailtrap.mails.has(WHOLE), false);
    },
  );
  await t.step("and each counts in failed_count", async () => {
    await waitFor("a poll has failed so often", async () => {
      const polls = await bench.spans("poll-email");
      return polls.some(({ tags }) => tags?.failed_count === `${IDS.length}`);
    });
  });
  await t.step("until the whole mail comes, which is archived and deleted", async () => {
    mailtrap.script = () => undefined;
    await waitFor("the inbox is empty", () => mailtrap.mails.size === 0);
    const [mail] = (await archived()).filter(({ subject }) => subject === "No 1");
    deepEqual(new Uint8Array(mail?.raw?.buffer ?? []), MAIL);
    deepEqual([mail?.doubt, mail?.deliveries.length], [null, IDS.length]);
    await waitFor(
      "no mail is named any more",
      async () => (await readiness()).warning === undefined,
    );
  });
});
