/**
 * What the mail poller makes of what Mailtrap's API answers on a bad day: a mail is deleted only when the whole of it is archived.
 * The API writes its answers byte by byte, the database and the collector are the stand-ins.
 *
 * @module
 */
import { deepEqual, equal, ok } from "node:assert/strict";
import { integrationTest, waitFor } from "@playground/shared/testing";
import { startPollerBench } from "../fixture/poller_bench.ts";
import {
  httpAnswer,
  listAnswer,
  type RawAnswer,
  rawAnswer,
  ScriptedMailtrap,
} from "../fixture/scripted_mailtrap.ts";

const BAD = 1;
const GOOD = 2;

function mailOf(id: number): Uint8Array {
  return new TextEncoder().encode(
    `From: me@example.com\r\nTo: you@example.com\r\nSubject: No ${id}\r\n` +
      `Message-ID: <${id}@example.com>\r\n\r\n${"Whatever you want.\r\n".repeat(20)}`,
  );
}

const MAIL = mailOf(BAD);
const HALF = MAIL.subarray(0, MAIL.length / 2);
const RFC822 = { "content-type": "message/rfc822" };

/** Half a mail in chunks, of which the last is missing. */
function cutChunks(): Uint8Array {
  const chunk = `${HALF.length.toString(16)}\r\n${new TextDecoder().decode(HALF)}\r\n`;
  return rawAnswer(
    "200 OK",
    { ...RFC822, "transfer-encoding": "chunked" },
    new TextEncoder().encode(chunk),
  );
}

/** What `body.eml` may answer in a mail's place, and why it is not taken for the mail. */
const BAD_ANSWERS: readonly (readonly [what: string, answer: RawAnswer, reason: RegExp])[] = [
  [
    "200 text/plain with a sentence",
    httpAnswer("200 OK", { "content-type": "text/plain" }, "Service temporarily unavailable"),
    /does not begin with a header field$/,
  ],
  [
    "200 text/plain with a line that looks like a header field",
    httpAnswer("200 OK", { "content-type": "text/plain" }, "Error: Service unavailable"),
    /none of its header fields is a mail's/,
  ],
  ["an empty 200", httpAnswer("200 OK", RFC822, ""), /it is empty$/],
  ["a 204", rawAnswer("204 No Content", {}, new Uint8Array()), /its status is 204$/],
  [
    "HTML without a Content-Type",
    httpAnswer("200 OK", {}, "<!doctype html><p>Sign in"),
    /does not begin with a header field$/,
  ],
  [
    "application/problem+json",
    httpAnswer("200 OK", { "content-type": "application/problem+json" }, '{"status":503}'),
    /its type is application\/problem\+json$/,
  ],
  ["a 206", httpAnswer("206 Partial Content", RFC822, HALF), /its status is 206$/],
  ["a 203 of a proxy", httpAnswer("203 Non-Authoritative", RFC822, MAIL), /its status is 203$/],
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
  ["chunks without the last one", cutChunks(), /^Mailtrap's answer broke off: /],
  [
    "half a mail as if it were all",
    httpAnswer("200 OK", RFC822, HALF),
    /may be a part of the mail: it has \d+ bytes, and the list says \d+$/,
  ],
  [
    "a mail that is encoded although identity was asked for",
    httpAnswer("200 OK", { ...RFC822, "content-encoding": "gzip" }, MAIL),
    /it is encoded as gzip$/,
  ],
];

integrationTest("the poller neither archives nor deletes a mail for which it gets", async (t) => {
  await using bench = await startPollerBench();
  const { mailtrap, archived, readiness } = bench;
  const answers = new Map(BAD_ANSWERS.map(([, answer], index) => [index + 1, answer]));
  const ids = [...answers.keys()];
  mailtrap.script = ({ method, id = 0 }) => method === "GET" ? answers.get(id) : undefined;
  for (const id of ids) mailtrap.mails.set(id, MAIL);
  const areAsked = (count: number) => ids.every((id) => mailtrap.count("GET", id) >= count);
  await waitFor("the mails are asked for", () => areAsked(1));
  mailtrap.mails.set(100, mailOf(100));
  await waitFor("another mail is archived", async () => (await archived()).length === 1);
  await waitFor("the mails are asked for again", () => areAsked(3));

  const { status } = await readiness();
  const spansOf = async (id: number) =>
    (await bench.spans("fetch-message")).filter(({ tags }) =>
      tags?.["http.url"]?.includes(`/messages/${id}/`)
    );
  for (const [index, [what, , reason]] of BAD_ANSWERS.entries()) {
    const id = index + 1;
    await t.step(what, async () => {
      equal(mailtrap.count("DELETE", id), 0);
      await waitFor("each is an error span with its reason", async () => {
        const errors = (await spansOf(id)).map(({ tags }) => tags?.error ?? "");
        return errors.length >= 3 && errors.every((error) => reason.test(error));
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
      deepEqual((await archived()).map(({ subject }) => subject), ["No 100"]);
    },
  );
  await t.step("and each counts in failed_count", async () => {
    await waitFor(
      "a poll has failed so often",
      async () =>
        (await bench.spans("poll-email")).some(({ tags }) =>
          tags?.failed_count === `${ids.length}`
        ),
    );
  });
  await t.step("until the whole mail comes, which is archived and deleted", async () => {
    mailtrap.script = () => undefined;
    await waitFor("the inbox is empty", () => mailtrap.mails.size === 0, 30_000);
    const [mail] = (await archived()).filter(({ subject }) => subject === `No ${BAD}`);
    deepEqual(new Uint8Array(mail?.raw?.buffer ?? []), MAIL);
    deepEqual([mail?.doubt, mail?.deliveries.length], [null, ids.length]);
    await waitFor(
      "no mail is named any more",
      async () => (await readiness()).warning === undefined,
    );
  });
});

integrationTest("the poller takes a mail whose end the last chunk shows", async () => {
  await using bench = await startPollerBench();
  const { mailtrap } = bench;
  const chunk = `${MAIL.length.toString(16)}\r\n${new TextDecoder().decode(MAIL)}\r\n0\r\n\r\n`;
  const headers = { ...RFC822, "transfer-encoding": "chunked" };
  const answer = rawAnswer("200 OK", headers, new TextEncoder().encode(chunk));
  mailtrap.script = ({ method, id }) => method === "GET" && id === BAD ? answer : undefined;
  mailtrap.mails.set(BAD, MAIL);
  await waitFor("the mail is archived and deleted", () => mailtrap.mails.size === 0);
  equal((await bench.archived())[0]?.doubt, null);
});

integrationTest(
  "the poller takes no other status of a DELETE than 200, 204 and 404 for success",
  async () => {
    await using bench = await startPollerBench();
    const { mailtrap, archived } = bench;
    for (const status of ["202 Accepted", "302 Found", "500 Internal Server Error"]) {
      const before = mailtrap.count("DELETE", BAD);
      mailtrap.script = ({ method }) =>
        method === "DELETE" ? httpAnswer(status, {}, "") : undefined;
      mailtrap.mails.set(BAD, MAIL);
      await waitFor(`${status} fails`, async () =>
        mailtrap.count("DELETE", BAD) >= before + 2 &&
        (await bench.spans("delete-message")).some(({ tags }) =>
          tags?.["http.status"] === status.slice(0, 3) && tags?.error !== undefined
        ));
    }
    mailtrap.script = () => undefined;
    await waitFor("the mail is deleted at last", () => mailtrap.mails.size === 0, 30_000);
    equal((await archived()).length, 1, "and is archived once");
  },
);

integrationTest("the poller takes no token to another origin, whatever redirects", async () => {
  await using bench = await startPollerBench();
  await using elsewhere = new ScriptedMailtrap();
  const { mailtrap } = bench;
  mailtrap.mails.set(BAD, MAIL);
  for (const method of ["GET", "DELETE"]) {
    for (const isList of [true, false]) {
      const before = mailtrap.requests.length;
      mailtrap.script = (request) =>
        request.method === method && (request.id === undefined) === isList
          ? httpAnswer(
            "307 Temporary Redirect",
            { location: `${elsewhere.url}${request.path}` },
            "",
          )
          : undefined;
      await waitFor("some polls are over", () => mailtrap.requests.length >= before + 2);
    }
  }
  deepEqual(elsewhere.requests, []);
  const errors = (await bench.spans("fetch-inbox")).map(({ tags }) => tags?.error ?? "");
  ok(
    errors.some((error) => /answered 307: it redirects, .* MAILTRAP_URL/.test(error)),
    errors.join(),
  );
});

for (
  const [what, answer, reason] of [
    [
      "HTML with 200",
      httpAnswer("200 OK", { "content-type": "text/html" }, "<!doctype html>"),
      /not a list of messages$/,
    ],
    ["no list", httpAnswer("200 OK", {}, '{"messages":[]}'), /not a list of messages$/],
  ] as const
) {
  integrationTest(
    `the poller shows a list that is ${what} as a failure, and takes the mails later`,
    async () => {
      await using bench = await startPollerBench();
      const { mailtrap } = bench;
      mailtrap.script = ({ id }) => id === undefined ? answer : undefined;
      mailtrap.mails.set(GOOD, mailOf(GOOD));
      await waitFor(
        "it is an error span",
        async () =>
          (await bench.spans("fetch-inbox")).some(({ tags }) => reason.test(tags?.error ?? "")),
      );
      equal((await bench.readiness()).status, 503);
      mailtrap.script = () => undefined;
      await waitFor("the mail is archived", () => mailtrap.mails.size === 0);
    },
  );
}

integrationTest("the poller takes the other mails beside an item without a usable id", async () => {
  await using bench = await startPollerBench();
  const { mailtrap } = bench;
  mailtrap.script = ({ id }) =>
    id === undefined
      ? listAnswer([{ id: "one" }, ...[...mailtrap.mails.keys()].map((id) => ({ id })), null])
      : undefined;
  mailtrap.mails.set(GOOD, mailOf(GOOD));
  await waitFor("the other mail is archived", () => mailtrap.mails.size === 0);
  await waitFor(
    "each such item counts in failed_count",
    async () =>
      (await bench.spans("poll-email")).some(({ tags }) =>
        tags?.failed_count === "2" && tags.stored_count === "1"
      ),
  );
  const errors = (await bench.spans("fetch-inbox")).map(({ tags }) => tags?.error ?? "");
  ok(errors.some((error) => /^Item 1 .* no usable id$/.test(error)), errors.join());
});

integrationTest(
  "the poller archives 20 emails of 20 after a gateway has answered for 5 seconds",
  async () => {
    await using bench = await startPollerBench();
    const { mailtrap } = bench;
    let badCount = 0;
    mailtrap.script = ({ method, id }) => {
      if (method !== "GET" || id === undefined || badCount === 60) return undefined;
      const [, answer] = BAD_ANSWERS[badCount++ % BAD_ANSWERS.length] ?? [];
      return answer;
    };
    for (let id = 1; id <= 20; id++) mailtrap.mails.set(id, mailOf(id));
    await waitFor("the inbox is empty", () => mailtrap.mails.size === 0, 60_000);
    const archived = (await bench.archived()).map(({ raw }) =>
      new TextDecoder().decode(raw?.buffer)
    );
    const wanted = Array.from(
      { length: 20 },
      (_, index) => new TextDecoder().decode(mailOf(index + 1)),
    );
    deepEqual(archived.toSorted(), wanted.toSorted());
  },
);
