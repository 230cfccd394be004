/**
 * No mail of up to 15 MB stops the mail poller: while it reads the mail it answers on its health port, and takes no more memory
 * than a small machine has.
 *
 * @module
 */
import { equal, ok } from "node:assert/strict";
import { integrationTest, waitFor } from "@playground/shared/testing";
import { COLLECTION } from "@playground/poller/archive";
import { ROOT } from "@playground/tasks/running-system";
import type { StandInVariables } from "@playground/tasks/standins";
import { runStandIns } from "@playground/tasks/system";
import { MongoClient } from "mongodb";
import { createTransport } from "nodemailer";
import { strainDuring } from "../fixture/strain.ts";
import { ServiceProcess } from "../fixture/service_process.ts";

const SIZE_BYTES = 14_900_000;
const MAX_ANSWER_MS = 1_000;
const MAX_GROWTH_BYTES = 250_000_000;

const MAILS = [
  ["HTML in millions of lines", "Content-Type: text/html\r\n\r\n", "a\r\n"],
  ["one line of HTML", "Content-Type: text/html\r\n\r\n", "a"],
  ["quoted-printable", "Content-Transfer-Encoding: quoted-printable\r\n\r\n", "=E3=81=82 \r\n"],
  [
    "an attachment",
    "Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\n",
    "YWFhYWFh\r\n",
  ],
  ["headers", "", "X-Many: 1\r\n"],
] as const;

/** Sends a mail. */
async function send(variables: StandInVariables, raw: string): Promise<void> {
  const transport = createTransport({
    host: variables.SMTP_HOST,
    port: Number(variables.SMTP_PORT),
    requireTLS: true,
    tls: { ca: variables.SMTP_CA },
    auth: { user: variables.MAILTRAP_USER ?? "", pass: variables.MAILTRAP_PASSWORD ?? "" },
  });
  const envelope = { from: "stranger@example.com", to: ["you@example.com"] };
  await transport.sendMail({ envelope, raw });
  transport.close();
}

for (const [what, head, piece] of MAILS) {
  integrationTest(`15 MB of ${what} stop no poller`, async () => {
    await using resources = new AsyncDisposableStack();
    const stateDirectory = await Deno.makeTempDir();
    resources.defer(() => Deno.remove(stateDirectory, { recursive: true }));
    const ready = Promise.withResolvers<StandInVariables>();
    resources.use(runStandIns({
      name: "stand-ins",
      standIns: ["mailtrap", "mongodb"],
      portFlags: ["--any-port"],
      stateDirectory,
      root: ROOT,
      onLine: () => {},
      onReady: ready.resolve,
    }));
    const variables = await ready.promise;
    const environment = { ...variables, OTEL_TRACES_EXPORTER: "none", POLL_INTERVAL_SECONDS: "1" };
    const poller = resources.use(new ServiceProcess("mail-poller", { environment }));
    await poller.ready();
    const mongo = resources.adopt(
      new MongoClient(variables.MONGODB_URL ?? ""),
      (client) => client.close(),
    );
    const archive = mongo.db().collection(COLLECTION);
    const body = piece.repeat(SIZE_BYTES / piece.length);
    const { grownBytes, healthMs } = await strainDuring(poller, async () => {
      await send(variables, `From: stranger@example.com\r\n${head}${body}`);
      const isArchived = async () => await archive.countDocuments() === 1;
      await waitFor("the mail is archived", isArchived, 120_000);
    });
    const [document] = await archive.find().toArray();
    equal(document?.["rawOmitted"], false);
    ok(healthMs < MAX_ANSWER_MS, `/healthz took ${healthMs} ms`);
    ok(grownBytes < MAX_GROWTH_BYTES, `its memory grew by ${grownBytes} bytes`);
  });
}
