/**
 * The bare second half of an email's way: amqplib consumes, nodemailer sends, then the message is acknowledged. Behind a
 * `bare_route` that publishes, it is the whole way without anything of ours.
 *
 * @module
 */
import { composeMail } from "@playground/emailer/mail";
import { emailDocument } from "@playground/shared/email";
import { connect } from "amqplib";
import { Buffer } from "node:buffer";
import { createTransport } from "nodemailer";
import type { SMTPPoolOptions } from "nodemailer/lib/smtp-pool";
import type { MailerSettings } from "./raw_mailer.ts";
import { serveCommands, settingsOf } from "./serve_commands.ts";

/** Where the emails are, and where the mails go. */
export interface PipelineSettings extends MailerSettings {
  /** RabbitMQ. */
  readonly amqpUrl: string;
}

/** Consume, or leave the emails to somebody else. */
export interface PipelineCommand {
  /** The queue to consume; absent: none. */
  readonly queue?: string;
}

const { amqpUrl, port, connections } = settingsOf<PipelineSettings>();
const options: SMTPPoolOptions & { pool: true } = {
  pool: true,
  host: "127.0.0.1",
  port,
  ignoreTLS: true,
  auth: { user: "user", pass: "password" },
  maxConnections: connections,
};
const transport = createTransport(options);
const channel = await (await connect(amqpUrl)).createChannel();
await channel.prefetch(2 * connections);
const CONSUMER = "bare";

await serveCommands(async ({ queue }: PipelineCommand) => {
  if (queue === undefined) return await channel.cancel(CONSUMER);
  await channel.consume(queue, async (message) => {
    if (message === null) return;
    const document = emailDocument.parse(JSON.parse(message.content.toString()));
    const id = String(message.properties.messageId);
    const messageId = `<${id}@playground.invalid>`;
    const { envelope, raw } = composeMail({
      document,
      emailId: id,
      messageId,
      date: new Date(),
    });
    await transport.sendMail({
      envelope: { from: envelope.from, to: [...envelope.to] },
      raw: Buffer.from(raw),
    });
    channel.ack(message);
  }, { consumerTag: CONSUMER });
});
