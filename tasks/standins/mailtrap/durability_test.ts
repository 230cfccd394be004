import assert from "node:assert/strict";
import { integrationTest } from "@playground/shared/testing";
import { startMailtrap } from "./mod.ts";
import { bytes, listAllMessages, onlyMessage, rawMessage } from "./testing/mailtrap_client.ts";
import { MailtrapProcess } from "./testing/mailtrap_process.ts";
import { SmtpDialogue } from "./testing/smtp_dialogue.ts";

integrationTest("Mailtrap keeps a mail over kill -9 right after its 250", async () => {
  await using state = await temporaryState();
  const raw = bytes(`Subject: acknowledged\r\n\r\n${"x".repeat(1_000_000)}\r\n`);
  {
    await using process = await MailtrapProcess.start(state.directory);
    using dialogue = await SmtpDialogue.logIn(process);
    assert.match(await dialogue.sendMail(raw), /^250 /);
    await process.end("SIGKILL");
  }
  await using mailtrap = await startMailtrap({
    smtpPort: 0,
    apiPort: 0,
    stateDirectory: state.directory,
  });
  assert.deepEqual(await rawMessage(mailtrap, await onlyMessage(mailtrap)), raw);
});

integrationTest("Mailtrap keeps every acknowledged mail over kill -9 under load", async () => {
  await using state = await temporaryState();
  const acknowledged = new Set<string>();
  {
    await using process = await MailtrapProcess.start(state.directory);
    const enough = Promise.withResolvers<void>();
    const senders = [1, 2, 3, 4].map(async (sender) => {
      using dialogue = await SmtpDialogue.logIn(process);
      for (let index = 0;; index++) {
        const subject = `${sender}-${index}`;
        const reply = await dialogue.sendMail(bytes(`Subject: ${subject}\r\n\r\n`));
        if (reply.startsWith("250 ")) acknowledged.add(subject);
        if (acknowledged.size === 200) enough.resolve();
      }
    });
    // Each sender ends with an error, its last mail unacknowledged.
    const ended = Promise.allSettled(senders);
    await Promise.race([enough.promise, ended]);
    await process.end("SIGKILL");
    await ended;
  }
  assert.ok(acknowledged.size >= 200, "expected the senders to work until the kill");
  await using mailtrap = await startMailtrap({
    smtpPort: 0,
    apiPort: 0,
    stateDirectory: state.directory,
  });
  const kept = new Set((await listAllMessages(mailtrap)).map(({ subject }) => subject));
  assert.deepEqual(acknowledged.difference(kept), new Set());
});

async function temporaryState(): Promise<AsyncDisposable & { readonly directory: string }> {
  const directory = await Deno.makeTempDir();
  return {
    directory,
    [Symbol.asyncDispose]: () => Deno.remove(directory, { recursive: true }),
  };
}
