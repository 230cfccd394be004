/**
 * No mail of up to 15 MB stops the mail poller: while it reads the mail it answers on its health port, and takes no more memory
 * than a small machine has.
 *
 * @module
 */
import { equal, ok } from "node:assert/strict";
import { integrationTest, waitFor } from "@playground/shared/testing";
import { startPollerBench } from "../fixture/poller_bench.ts";
import { strainDuring } from "../fixture/strain.ts";

const SIZE_BYTES = 14_900_000;
const MAX_ANSWER_MS = 1_000;
const MAX_GROWTH_BYTES = 250_000_000;

const MAILS = [
  ["HTML in millions of lines", "Content-Type: text/html", "a\n"],
  ["one line of HTML", "Content-Type: text/html", "a"],
  ["carriage returns", "Content-Type: text/plain", "\r"],
  ["quoted-printable", "Content-Transfer-Encoding: quoted-printable", "=E3=81=82 \r\n"],
  ["an attachment", "Content-Type: a/b\r\nContent-Transfer-Encoding: base64", "YWFhYWFh\r\n"],
] as const;

for (const [what, head, piece] of MAILS) {
  integrationTest(
    `the poller answers and stays within 250 MB above idle with 15 MB of ${what} (alone)`,
    async () => {
      await using bench = await startPollerBench();
      const body = piece.repeat(SIZE_BYTES / piece.length);
      const mail = new TextEncoder().encode(`From: a@example.com\r\n${head}\r\n\r\n${body}`);
      const { grownBytes, healthMs } = await strainDuring(bench.poller, async () => {
        bench.mailtrap.mails.set(1, mail);
        await waitFor("the mail is archived", () => bench.mailtrap.mails.size === 0, 60_000);
      });
      const [document] = await bench.archived();
      equal(document?.raw?.buffer.length, mail.length);
      equal(document?.parseError, null);
      ok(healthMs < MAX_ANSWER_MS, `/healthz took ${healthMs} ms`);
      ok(grownBytes < MAX_GROWTH_BYTES, `its memory grew by ${grownBytes} bytes`);
    },
  );
}
