/**
 * The memory of the mail poller, whatever the Mailtrap API answers: at most 250 MB above what it has when idle, which `mem_limit` in
 * `compose.yaml` has room for. While it reads a large mail it answers on its health port.
 *
 * @module
 */
import { equal, ok } from "node:assert/strict";
import { integrationTest, waitFor } from "@playground/shared/testing";
import { memoryLimitBytes } from "../fixture/compose_file.ts";
import { type PollerBench, startPollerBench } from "../fixture/poller_bench.ts";
import { httpAnswer, listAnswer, mailAnswer } from "../fixture/scripted_mailtrap.ts";
import { strainDuring } from "../fixture/strain.ts";

/** What a service may take above what it has when idle. */
const LIMIT_BYTES = 250_000_000;
const MB = 1_000_000;
const MAIL_COUNT = 8;
const PATIENCE_MS = 60_000;
const MAX_ANSWER_MS = 1_000;

const encoder = new TextEncoder();
const MAIL_HEAD = "From: me@example.com\r\nTo: you@example.com\r\nSubject: Large\r\n";

/** Answers to a memory that has no bounds; each returns when the poller has met it often enough. */
const HOSTILE: Readonly<Record<string, (bench: PollerBench) => Promise<void>>> = {
  async "0.5 MB of gzip that are 500 MB of mail"(bench) {
    const headers = { "content-type": "message/rfc822", "content-encoding": "gzip" };
    const bomb = await compressed(500);
    await answerMails(bench, () => httpAnswer("200 OK", headers, bomb));
  },
  async "endless bodies"(bench) {
    const head = "HTTP/1.1 200 OK\r\nContent-Type: message/rfc822\r\n\r\n" + MAIL_HEAD + "\r\n";
    await answerMails(bench, () => endless(head));
  },
  async "mails of 39 MB that the list says have 500 bytes"(bench) {
    const mail = mailAnswer(attachment(39 * MB));
    await answerMails(bench, () => mail, 1);
    await waitFor(
      "all are archived, and kept",
      async () => (await bench.archived())[0]?.deliveries.length === MAIL_COUNT,
      PATIENCE_MS,
    );
  },
  async "39 MB of header fields"(bench) {
    const mail = mailAnswer(encoder.encode(MAIL_HEAD + "a:b\n".repeat(39 * MB / 4)));
    await answerMails(bench, () => mail);
  },
  async "an endless list"({ mailtrap }) {
    mailtrap.script = () => endless("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n[");
    await waitFor("it is asked for", () => mailtrap.requests.length > 3, PATIENCE_MS);
  },
  async "a list of a million items"({ mailtrap }) {
    const list = httpAnswer("200 OK", {}, `[${"{},".repeat(1_600_000)}{}]`);
    mailtrap.script = () => list;
    await waitFor("it is asked for", () => mailtrap.requests.length > 3, PATIENCE_MS);
  },
};

/** Mails that are well, and large. */
const LARGE: Readonly<Record<string, Uint8Array>> = {
  "attachments of 10 MB": attachment(10 * MB),
  "texts of 10 MB": mailOf("Content-Type: text/plain; charset=utf-8", "Hello world\r\n", 10 * MB),
};

const PIECES: Readonly<Record<string, readonly [head: string, piece: string]>> = {
  "HTML in millions of lines": ["Content-Type: text/html", "a\n"],
  "one line of HTML": ["Content-Type: text/html", "a"],
  "carriage returns": ["Content-Type: text/plain", "\r"],
  "quoted-printable": ["Content-Transfer-Encoding: quoted-printable", "=E3=81=82 \r\n"],
  "an attachment": [
    "Content-Type: a/b\r\nContent-Transfer-Encoding: base64",
    "YWFhYWFh\r\n",
  ],
};

function test(name: string, meet: (bench: PollerBench) => Promise<void>, answers = false): void {
  integrationTest(`the poller stays within 250 MB above idle with ${name} (alone)`, async () => {
    // As many at once as can be set.
    await using bench = await startPollerBench({ POLL_CONCURRENCY: "100" });
    const { peakBytes, grownBytes, healthMs } = await strainDuring(
      bench.poller,
      () => meet(bench),
    );
    const idleBytes = peakBytes - grownBytes;
    ok(
      grownBytes <= LIMIT_BYTES,
      `${Math.round(grownBytes / MB)} MB above ${Math.round(idleBytes / MB)} MB`,
    );
    const memoryBytes = await memoryLimitBytes("mail-poller");
    ok(idleBytes + LIMIT_BYTES <= memoryBytes, "compose's mem_limit has room for it");
    ok(!answers || healthMs < MAX_ANSWER_MS, `/healthz took ${healthMs} ms`);
  });
}

for (const [name, meet] of Object.entries(HOSTILE)) test(name, meet);

for (const [name, mail] of Object.entries(LARGE)) {
  test(`${MAIL_COUNT} ${name}`, async ({ mailtrap, archived }) => {
    for (let id = 1; id <= MAIL_COUNT; id++) mailtrap.mails.set(id, mail);
    await waitFor("all are archived", () => mailtrap.mails.size === 0, PATIENCE_MS);
    equal((await archived())[0]?.deliveries.length, MAIL_COUNT);
  });
}

for (const [name, [head, piece]] of Object.entries(PIECES)) {
  test(`15 MB of ${name}, and answers`, async ({ mailtrap, archived }) => {
    const mail = mailOf(head, piece, 14.9 * MB);
    mailtrap.mails.set(1, mail);
    await waitFor("the mail is archived", () => mailtrap.mails.size === 0, PATIENCE_MS);
    const [document] = await archived();
    equal(document?.raw?.buffer.length, mail.length);
    equal(document?.parseError, null);
  }, true);
}

/** Answers each mail like this, until each was asked for so often. */
async function answerMails(
  { mailtrap }: PollerBench,
  answer: () => Uint8Array | AsyncIterable<Uint8Array>,
  times = 2,
): Promise<void> {
  const ids = Array.from({ length: MAIL_COUNT }, (_, index) => index + 1);
  mailtrap.script = ({ method, id }) => {
    if (id !== undefined) return method === "GET" ? answer() : httpAnswer("500 Error", {}, "");
    return listAnswer(ids.map((id) => ({ id, email_size: 500 })));
  };
  await waitFor(
    "the mails are asked for",
    () => ids.every((id) => mailtrap.count("GET", id) >= times),
    PATIENCE_MS,
  );
}

function attachment(sizeBytes: number): Uint8Array {
  const head = "MIME-Version: 1.0\r\nContent-Type: application/pdf; name=a.pdf\r\n" +
    "Content-Transfer-Encoding: base64";
  return mailOf(head, `${"A".repeat(76)}\r\n`, sizeBytes);
}

function mailOf(head: string, piece: string, sizeBytes: number): Uint8Array {
  const body = piece.repeat(sizeBytes / piece.length);
  return encoder.encode(`${MAIL_HEAD}${head}\r\n\r\n${body}`);
}

async function compressed(megabytes: number): Promise<Uint8Array> {
  let left = megabytes;
  const zeros = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      if (left-- > 0) controller.enqueue(new Uint8Array(MB));
      else controller.close();
    },
  });
  return await new Response(zeros.pipeThrough(new CompressionStream("gzip"))).bytes();
}

async function* endless(beginning: string): AsyncGenerator<Uint8Array, void> {
  yield encoder.encode(beginning);
  const more = new Uint8Array(65_536).fill(0x78);
  for (;;) yield more;
}
