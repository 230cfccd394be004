import assert from "node:assert/strict";
import { integrationTest } from "@playground/shared/testing";
import { Faults } from "../faults/registry.ts";
import { SqliteStore } from "../sqlite.ts";
import { Mailbox, MAILBOX_SCHEMA } from "./mailbox.ts";
import { createMailtrapApp, startMailtrap } from "./mod.ts";
import { MailtrapClient } from "./testing/mailtrap_client.ts";
import { SmtpDialogue } from "./testing/smtp_dialogue.ts";

const FREE_PORTS = { smtpPort: 0, apiPort: 0 };

integrationTest("startMailtrap() takes the next ports when its own are taken", async () => {
  await using first = await startMailtrap(FREE_PORTS);
  const { SMTP_PORT } = first.variables;
  const ports = { smtpPort: Number(SMTP_PORT), apiPort: Number(new URL(first.url).port) };
  await using second = await startMailtrap(ports);
  assert.notEqual(second.variables.SMTP_PORT, SMTP_PORT);
  assert.notEqual(second.url, first.url);
  await new MailtrapClient(second).send();
  assert.deepEqual(await new MailtrapClient(first).list(), []);
  await new MailtrapClient(second).only();
});

Deno.test("createMailtrapApp() answers only to its own names", async () => {
  using database = new SqliteStore("mailtrap", undefined, MAILBOX_SCHEMA);
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
  const client = new MailtrapClient(mailtrap);
  await client.send({ raw: `Subject: large\r\n\r\n${"x".repeat(20_000_000)}\r\n` });
  const { id } = await client.only();

  using _idle = await SmtpDialogue.connect(mailtrap);
  using inHandshake = await SmtpDialogue.connect(mailtrap);
  await inHandshake.command("EHLO client.example");
  await inHandshake.command("STARTTLS");
  using inData = await SmtpDialogue.logIn(mailtrap);
  await inData.startMail();
  await inData.write("Subject: half");
  const unread = await client.request(`${client.messages}/${id}/body.eml`);

  await mailtrap[Symbol.asyncDispose]();

  await assert.rejects(inData.reply(), /hung up|reset|close_notify|unexpected/i);
  await assert.rejects(unread.arrayBuffer());
});

for (const name of ["smtp.wrong-password", "smtp.auth-reply", "smtp.monthly-limit"] as const) {
  integrationTest(`${name} drops logged-in clients, after a mail on its way`, async () => {
    using faults = new Faults();
    await using mailtrap = await startMailtrap({ ...FREE_PORTS, faults });
    using idle = await SmtpDialogue.logIn(mailtrap);
    using busy = await SmtpDialogue.logIn(mailtrap);
    using other = await SmtpDialogue.connect(mailtrap);
    await busy.startMail();
    faults.set(name);

    await assert.rejects(idle.reply(), /hung up|close_notify/);
    assert.match(await busy.command("Subject: x\r\n\r\n."), /^250 /);
    await assert.rejects(busy.reply(), /hung up|close_notify/);
    assert.match(await other.command("NOOP"), /^250 /);
    await new MailtrapClient(mailtrap).only();
    await assert.rejects(SmtpDialogue.logIn(mailtrap), /Cannot log in: (?:454|535) /);
    faults.clear(name);
    using _again = await SmtpDialogue.logIn(mailtrap);
  });
}
