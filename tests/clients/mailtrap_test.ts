/**
 * Mailtrap's own client for Node on the stand-in.
 *
 * @module
 */
import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { MailtrapClient } from "mailtrap";
import { createTransport } from "nodemailer";
import {
  type MailtrapProcess,
  startMailtrapProcess,
} from "../../tasks/standins/mailtrap/testing/mailtrap_process.ts";

async function sendMail({ smtp, user, password, caPem }: MailtrapProcess): Promise<void> {
  const transport = createTransport({
    ...smtp,
    requireTLS: true,
    auth: { user, pass: password },
    tls: { ca: caPem },
  });
  await transport.sendMail({
    from: "Ann <ann@example.com>",
    to: "Bob <bob@example.com>",
    subject: "Grüße",
    text: "plain",
    html: "<p>rich</p>",
  });
  transport.close();
}

/** The members that the client's type of a message names. */
const MEMBERS = [
  "blacklists_report_info",
  "created_at",
  "download_path",
  "email_size",
  "from_email",
  "from_name",
  "html_body_size",
  "html_path",
  "html_source_path",
  "human_size",
  "id",
  "inbox_id",
  "is_read",
  "raw_path",
  "sent_at",
  "smtp_information",
  "subject",
  "text_body_size",
  "to_email",
  "to_name",
  "txt_path",
  "updated_at",
];

Deno.test("the client of Mailtrap lists, shows and deletes", async () => {
  await using mailtrap = await startMailtrapProcess();
  await sendMail(mailtrap);
  const { token } = mailtrap;
  const boxId = Number(mailtrap.boxId);
  const accountId = Number(mailtrap.accountId);
  const client = new MailtrapClient({ token, accountId, testInboxId: boxId });
  // It has no option for the address.
  client["axios"].interceptors.request.use((request: { url?: string }) => {
    request.url = request.url?.replace("https://mailtrap.io", mailtrap.url);
    return request;
  });
  const { messages } = client.testing;

  const listed = await messages.get(boxId);
  equal(listed.length, 1);
  const [message] = listed;
  ok(message);
  deepEqual(Object.keys(message).toSorted(), MEMBERS);
  deepEqual([message.subject, message.inbox_id], ["Grüße", boxId]);
  match(message.human_size, /^[\d.]+ (?:Bytes|KB)$/);

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
