import { deepEqual, equal } from "node:assert/strict";
import { composeMail } from "@playground/emailer/mail";
import { integrationTest } from "@playground/shared/testing";
import { createTransport } from "nodemailer";
import { Buffer } from "node:buffer";
import { emailSample } from "../email_sample.ts";
import { serveSmtp } from "./smtp_session.ts";

integrationTest("serveSmtp() takes the mails of nodemailer as they are", async () => {
  const mails: string[] = [];
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const served = listener.accept().then(async (connection) => {
    await serveSmtp(connection, {
      accept: (mail) => {
        mails.push(mail);
      },
    });
    connection.close();
  });
  const transport = createTransport({
    host: "127.0.0.1",
    port: listener.addr.port,
    ignoreTLS: true,
    auth: { user: "user", pass: "password" },
  });
  const { envelope, raw } = composeMail({
    document: emailSample("1"),
    emailId: crypto.randomUUID(),
    messageId: "<1@playground.invalid>",
    date: new Date(),
  });
  const { response } = await transport.sendMail({
    envelope: { from: envelope.from, to: [...envelope.to] },
    raw: Buffer.from(raw),
  });
  await served;
  equal(response, "250 2.0.0 Accepted");
  deepEqual(mails.map((mail) => `${mail}\r\n`), [new TextDecoder("latin1").decode(raw)]);
});
