import assert from "node:assert/strict";
import { integrationTest } from "@playground/shared/testing";
import { Faults } from "../faults/registry.ts";
import { openStore } from "../sqlite.ts";
import { Mailbox, MAILBOX_SCHEMA } from "./mailbox.ts";
import { createMailtrapApp, startMailtrap } from "./mod.ts";
import { listMessages, onlyMessage, request, sendMail } from "./testing/mailtrap_client.ts";
import { SmtpDialogue } from "./testing/smtp_dialogue.ts";

const FREE_PORTS = { smtpPort: 0, apiPort: 0 };

integrationTest("startMailtrap() takes the next ports when its own are taken", async () => {
  await using first = await startMailtrap(FREE_PORTS);
  const ports = { smtpPort: first.smtp.port, apiPort: Number(new URL(first.url).port) };
  await using second = await startMailtrap(ports);
  assert.notEqual(second.smtp.port, first.smtp.port);
  assert.notEqual(second.url, first.url);
  await sendMail(second);
  assert.deepEqual(await listMessages(first), []);
  await onlyMessage(second);
});

Deno.test("createMailtrapApp() answers who calls it by a name of its own", async () => {
  using database = openStore("mailtrap", undefined, MAILBOX_SCHEMA);
  const app = createMailtrapApp(new Mailbox(database), ["mailtrap"], new Faults());
  const statusOf = async (url: string) => (await app.request(url)).status;
  assert.equal(await statusOf("http://mailtrap:8025/"), 200);
  for (const path of ["/", "/messages/1", "/inbox.css", "/api/sandboxes/1/messages"]) {
    assert.equal(await statusOf(`http://evil.example:8025${path}`), 403, path);
  }
  assert.equal(await statusOf("http://evil.example:8025/healthz"), 200);
});

integrationTest("Mailtrap can be closed with clients in every state", async () => {
  const mailtrap = await startMailtrap(FREE_PORTS);
  await sendMail(mailtrap, { raw: `Subject: large\r\n\r\n${"x".repeat(20_000_000)}\r\n` });
  const { download_path } = await (await request(
    mailtrap,
    `/api/sandboxes/${mailtrap.boxId}/messages/${(await onlyMessage(mailtrap)).id}`,
  )).json();

  using _idle = await SmtpDialogue.connect(mailtrap.smtp);
  using inHandshake = await SmtpDialogue.connect(mailtrap.smtp);
  await inHandshake.command("EHLO client.example");
  await inHandshake.command("STARTTLS");
  using inData = await SmtpDialogue.logIn(mailtrap);
  await inData.startMail();
  await inData.write("Subject: half");
  const unread = await request(mailtrap, download_path);

  await mailtrap[Symbol.asyncDispose]();

  await assert.rejects(inData.reply(), /hung up|reset|close_notify|unexpected/i);
  await assert.rejects(unread.arrayBuffer());
});

for (const name of ["smtp.wrong-password", "smtp.auth-reply", "smtp.monthly-limit"] as const) {
  integrationTest(`${name} drops who has logged in, a mail on its way first`, async () => {
    using faults = new Faults();
    await using mailtrap = await startMailtrap({ ...FREE_PORTS, faults });
    using idle = await SmtpDialogue.logIn(mailtrap);
    using busy = await SmtpDialogue.logIn(mailtrap);
    using other = await SmtpDialogue.connect(mailtrap.smtp);
    await busy.startMail();
    faults.set(name);

    await assert.rejects(idle.reply(), /hung up|close_notify/);
    assert.match(await busy.command("Subject: x\r\n\r\n."), /^250 /);
    await assert.rejects(busy.reply(), /hung up|close_notify/);
    assert.match(await other.command("NOOP"), /^250 /);
    await onlyMessage(mailtrap);
    await assert.rejects(SmtpDialogue.logIn(mailtrap), /Cannot log in: (?:454|535) /);
    faults.clear(name);
    using _again = await SmtpDialogue.logIn(mailtrap);
  });
}
