/**
 * The ceiling of delivering: nodemailer with a pool of as many connections as the emailer's, and nothing else. The mail is
 * written once.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { createTransport } from "nodemailer";
import type { SMTPPoolOptions } from "nodemailer/lib/smtp-pool";
import { composeMail } from "@playground/emailer/mail";
import { emailSample } from "../email_sample.ts";
import { serveCommands, settingsOf } from "./serve_commands.ts";

/** What to send. */
export interface MailCommand {
  /** How many mails. */
  readonly count: number;
  /** How many are under way at a time. */
  readonly outstanding: number;
}

/** How to reach the mail server. */
export interface MailerSettings {
  /** Its port on this machine. */
  readonly port: number;
  /** How many connections. */
  readonly connections: number;
}

const { port, connections } = settingsOf<MailerSettings>();
const options: SMTPPoolOptions & { pool: true } = {
  pool: true,
  host: "127.0.0.1",
  port,
  ignoreTLS: true,
  auth: { user: "user", pass: "password" },
  maxConnections: connections,
  maxMessages: Number.POSITIVE_INFINITY,
};
const transport = createTransport(options);
const id = crypto.randomUUID();
const { envelope, raw } = composeMail({
  document: emailSample(),
  emailId: id,
  messageId: `<${id}@playground.invalid>`,
  date: new Date(),
});

await serveCommands(async ({ count, outstanding }: MailCommand) => {
  let toSend = count;
  await Promise.all(Array.from({ length: outstanding }, async () => {
    while (toSend-- > 0) {
      await transport.sendMail({
        envelope: { from: envelope.from, to: [...envelope.to] },
        raw: Buffer.from(raw),
      });
    }
  }));
});
