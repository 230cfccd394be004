/**
 * The ceiling of delivering, with as many connections as the emailer: amqplib consumes, nodemailer sends, then the message is
 * acknowledged. Together with `bare_server`, which publishes, it is an email's whole journey without our code.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { composeMail } from "@playground/emailer/mail";
import { emailDocument } from "@playground/shared/email";
import { connect } from "amqplib";
import { createTransport } from "nodemailer";
import type { SMTPPoolOptions } from "nodemailer/lib/smtp-pool";
import { serveCommands, settingsOf } from "./command_server.ts";
import { messageIdSample } from "../load/samples.ts";

export interface BareEmailerSettings {
  readonly amqpUrl: string;
  readonly smtpPort: number;
  readonly connections: number;
}

/** Consumes a queue; without one, stops that. */
export interface BareEmailerCommand {
  readonly queue?: string;
}

const CONSUMER = "bare";

const { amqpUrl, smtpPort, connections } = settingsOf<BareEmailerSettings>();
const options: SMTPPoolOptions & { pool: true } = {
  pool: true,
  host: "127.0.0.1",
  port: smtpPort,
  ignoreTLS: true,
  auth: { user: "user", pass: "password" },
  maxConnections: connections,
  // The same settings as the emailer's.
  maxMessages: 500,
};
const transport = createTransport(options);
const channel = await (await connect(amqpUrl)).createChannel();
await channel.prefetch(2 * connections);

await serveCommands(async ({ queue }: BareEmailerCommand) => {
  if (queue === undefined) return void await channel.cancel(CONSUMER);
  await channel.consume(queue, async (message) => {
    if (message === null) return;
    const emailId = String(message.properties.messageId);
    const { envelope, raw } = composeMail({
      document: emailDocument.parse(JSON.parse(message.content.toString())),
      emailId,
      messageId: messageIdSample(emailId),
      date: new Date(),
    });
    await transport.sendMail({
      envelope: { from: envelope.from, to: [...envelope.to] },
      raw: Buffer.from(raw),
    });
    channel.ack(message);
  }, { consumerTag: CONSUMER });
});
