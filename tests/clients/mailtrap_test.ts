/**
 * Mailtrap's own client for Node on the stand-in.
 *
 * @module
 */
import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { MailtrapClient } from "mailtrap";
import { createTransport } from "nodemailer";
import { startStandIn } from "./stand_in.ts";

Deno.test("the client of Mailtrap lists, shows and deletes", async () => {
  await using standIn = await startStandIn("mailtrap");
  const { variables } = standIn;
  const transport = createTransport({
    host: variables.SMTP_HOST,
    port: Number(variables.SMTP_PORT),
    requireTLS: true,
    auth: { user: variables.MAILTRAP_USER, pass: variables.MAILTRAP_PASSWORD },
    tls: { ca: variables.SMTP_CA },
  });
  await transport.sendMail({
    from: "Ann <ann@example.com>",
    to: "Bob <bob@example.com>",
    subject: "Grüße",
    text: "plain",
    html: "<p>rich</p>",
  });
  transport.close();
  const token = variables.MAILTRAP_TOKEN ?? "";
  const boxId = Number(variables.MAILTRAP_BOXID);
  const client = new MailtrapClient({ token, accountId: 1, testInboxId: boxId });
  // The client has no option for the address.
  client["axios"].interceptors.request.use((request: { url?: string }) => {
    request.url = request.url?.replace("https://mailtrap.io", variables.MAILTRAP_URL ?? "");
    return request;
  });
  const { messages } = client.testing;

  const listed = await messages.get(boxId);
  equal(listed.length, 1);
  const [message] = listed;
  ok(message);
  deepEqual([message.subject, message.inbox_id], ["Grüße", boxId]);
  match(message.human_size, /^\d+ Bytes$/);

  deepEqual(await messages.showEmailMessage(boxId, message.id), message);
  match(await messages.getTextMessage(boxId, message.id), /^plain/);
  match(await messages.getHtmlMessage(boxId, message.id), /^<p>rich<\/p>/);
  match(await messages.getMessageHtmlSource(boxId, message.id), /^<p>rich<\/p>/);
  match(await messages.getRawMessage(boxId, message.id), /^From: Ann /m);
  match(await messages.getMessageAsEml(boxId, message.id), /^From: Ann /m);
  await rejects(messages.getSpamScore(boxId, message.id), /the stand-in has no such route/);

  deepEqual(await messages.deleteMessage(boxId, message.id), message);
  deepEqual(await messages.get(boxId), []);
  await rejects(messages.showEmailMessage(boxId, message.id), /Not Found/);
});
