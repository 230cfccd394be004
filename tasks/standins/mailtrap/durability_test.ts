import assert from "node:assert/strict";
import { integrationTest, temporaryFolder } from "@playground/shared/testing";
import { startStandInsProcess } from "../testing.ts";
import { startMailtrap } from "./mod.ts";
import { bytes, MailtrapClient } from "./testing/mailtrap_client.ts";
import { SmtpDialogue } from "./testing/smtp_dialogue.ts";

/** Mails of this size are stored in two parts. */
const LARGE_BYTES = 300_000;

integrationTest(
  "Mailtrap keeps its CA, and every acknowledged mail whole, over kill -9 under load",
  async () => {
    await using folder = await temporaryFolder();
    const stateDirectory = folder.path;
    const acknowledged = new Map<string, Uint8Array>();
    let authority: string | undefined;
    {
      await using process = await startStandInsProcess(["mailtrap"], stateDirectory);
      authority = process.variables.SMTP_CA;
      const enough = Promise.withResolvers<void>();
      const senders = [10, 10, 10, LARGE_BYTES].map(async (sizeBytes, sender) => {
        using dialogue = await SmtpDialogue.logIn(process);
        for (let index = 0;; index++) {
          const subject = `${sender}-${index}`;
          const raw = bytes(`Subject: ${subject}\r\n\r\n${"x".repeat(sizeBytes)}\r\n`);
          if ((await dialogue.sendMail(raw)).startsWith("250 ")) acknowledged.set(subject, raw);
          if (acknowledged.size === 200) enough.resolve();
        }
      });
      // Each sender ends with an error, its last mail unacknowledged.
      const ended = Promise.allSettled(senders);
      await Promise.race([enough.promise, ended]);
      await process.kill();
      await ended;
    }
    assert.ok(acknowledged.size >= 200, "expected the senders to work until the kill");
    await using mailtrap = await startMailtrap({ smtpPort: 0, apiPort: 0, stateDirectory });
    assert.equal(mailtrap.variables.SMTP_CA, authority);
    const client = new MailtrapClient(mailtrap);
    const kept = await client.listAll();
    const subjects = new Set(kept.map(({ subject }) => subject));
    assert.deepEqual(new Set(acknowledged.keys()).difference(subjects), new Set());
    for (const message of kept.filter(({ email_size }) => email_size > LARGE_BYTES)) {
      const sent = acknowledged.get(message.subject);
      if (sent !== undefined) assert.deepEqual(await client.raw(message), sent);
    }
  },
);
