/**
 * The memory of the mail poller, whatever the Mailtrap API answers: at most 250 MB above what it has when idle, which `mem_limit` in
 * `compose.yaml` has room for. While it reads a large mail it answers on its health port.
 *
 * @module
 */
import { equal } from "node:assert/strict";
import { integrationTest, waitFor } from "@playground/shared/testing";
import { type PollerBench, startPollerBench } from "../fixture/poller_bench.ts";
import { httpAnswer, listAnswer, mailAnswer } from "../fixture/scripted_mailtrap.ts";
import { withinBounds } from "../fixture/strain.ts";

const MB = 1_000_000;
const MAIL_COUNT = 8;
const PATIENCE_MS = 60_000;
const MAX_ANSWER_MS = 1_000;

const encoder = new TextEncoder();
const MAIL_HEAD = "From: me@example.com\r\nTo: you@example.com\r\nSubject: Large\r\n";

/** Lets the poller meet an answer, and returns when it has met it often enough. */
type Meeting = (bench: PollerBench) => Promise<void>;

/** Each group has a poller of its own: garbage that is collected late would count for the next answers. */
const GROUPS: readonly Readonly<Record<string, Meeting>>[] = [
  { "15 MB of HTML in millions of lines": largeMail("Content-Type: text/html", "a\n") },
  { "15 MB of one line of HTML": largeMail("Content-Type: text/html", "a") },
  { "15 MB of carriage returns": largeMail("Content-Type: text/plain", "\r") },
  {
    "15 MB of quoted-printable": largeMail(
      "Content-Transfer-Encoding: quoted-printable",
      "=E3=81=82 \r\n",
    ),
    "15 MB of an attachment": largeMail(
      "Content-Type: a/b\r\nContent-Transfer-Encoding: base64",
      "YWFhYWFh\r\n",
    ),
  },
  {
    "8 texts of 10 MB": (bench) => {
      const mail = mailOf("Content-Type: text/plain; charset=utf-8", "Hello world\r\n", 10 * MB);
      return isArchived(bench, MAIL_COUNT, mail);
    },
  },
  {
    async "an endless list"({ mailtrap }) {
      mailtrap.script = () => endless("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n[");
      await waitFor("it is asked for", () => mailtrap.requests.length > 3, PATIENCE_MS);
    },
    async "a list of a million items"({ mailtrap }) {
      const list = httpAnswer("200 OK", {}, `[${"{},".repeat(1_600_000)}{}]`);
      mailtrap.script = () => list;
      await waitFor("it is asked for", () => mailtrap.requests.length > 3, PATIENCE_MS);
    },
    async "0.5 MB of gzip that are 500 MB of mail"(bench) {
      const headers = { "content-type": "message/rfc822", "content-encoding": "gzip" };
      const bomb = await compressed(500);
      await answerMails(bench, () => httpAnswer("200 OK", headers, bomb));
    },
    "8 attachments of 10 MB": (bench) => isArchived(bench, MAIL_COUNT, attachment(10 * MB)),
  },
  {
    async "endless bodies"(bench) {
      const head = "HTTP/1.1 200 OK\r\nContent-Type: message/rfc822\r\n\r\n" + MAIL_HEAD + "\r\n";
      await answerMails(bench, () => endless(head));
    },
  },
  {
    async "mails of 39 MB that the list says have 500 bytes"(bench) {
      const mail = attachment(39 * MB);
      const answer = mailAnswer(mail);
      await answerMails(bench, () => answer, 1);
      await waitFor("all are archived, and kept", async () => {
        const [document] = await bench.archived({ sizeBytes: mail.length });
        return document?.deliveries.length === MAIL_COUNT;
      }, PATIENCE_MS);
    },
  },
  {
    async "39 MB of header fields"(bench) {
      const mail = mailAnswer(encoder.encode(MAIL_HEAD + "a:b\n".repeat(39 * MB / 4)));
      await answerMails(bench, () => mail);
    },
  },
];

for (const group of GROUPS) {
  const names = Object.keys(group).join(", ");
  integrationTest(
    `the poller stays within 250 MB above idle, and answers, with ${names} (alone)`,
    async () => {
      // The highest concurrency that can be set.
      await using bench = await startPollerBench({ POLL_CONCURRENCY: "100" });
      const stays = await withinBounds(bench.poller, MAX_ANSWER_MS);
      for (const [name, meet] of Object.entries(group)) {
        bench.mailtrap.script = () => undefined;
        bench.mailtrap.requests.length = 0;
        await stays(name, () => meet(bench));
      }
    },
  );
}

function largeMail(head: string, piece: string): Meeting {
  return (bench) => isArchived(bench, 1, mailOf(head, piece, 14.9 * MB));
}

let lastId = 0;

/** Mailtrap uses no id twice, and the poller remembers those that it leaves in the inbox. */
function newIds(count: number): readonly number[] {
  return Array.from({ length: count }, () => ++lastId);
}

/** A mail that comes this often is archived as it came. */
async function isArchived(
  { mailtrap, archived }: PollerBench,
  count: number,
  mail: Uint8Array,
): Promise<void> {
  for (const id of newIds(count)) mailtrap.mails.set(id, mail);
  await waitFor("all are archived", () => mailtrap.mails.size === 0, PATIENCE_MS);
  const document = (await archived({ sizeBytes: mail.length })).at(-1);
  equal(document?.deliveries.length, count);
  equal(document?.raw?.buffer.length, mail.length);
  equal(document?.parseError, null);
}

/** Answers each mail like this, until each was fetched this often. */
async function answerMails(
  { mailtrap }: PollerBench,
  answer: () => Uint8Array | AsyncIterable<Uint8Array>,
  times = 2,
): Promise<void> {
  const ids = newIds(MAIL_COUNT);
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
