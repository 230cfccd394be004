import assert from "node:assert/strict";
import { bytes } from "../../../tasks/standins/mailtrap/testing/mailtrap_client.ts";
import {
  plainLogin,
  SmtpDialogue,
} from "../../../tasks/standins/mailtrap/testing/smtp_dialogue.ts";
import { MAX_MESSAGE_SIZE_BYTES, smtpTest } from "../../fixture/mailtrap.ts";

smtpTest("accepts a mail after STARTTLS and AUTH LOGIN, too", async (mailtrap) => {
  await mailtrap.send({ subject: "hello" }, { authMethod: "LOGIN" });
  assert.equal((await mailtrap.only()).subject, "hello");
});

smtpTest("is not trusted by a client without the CA", async (mailtrap) => {
  await assert.rejects(mailtrap.send({}, { tls: {} }), /certificate|UnknownIssuer/i);
  assert.deepEqual(await mailtrap.list(), []);
});

smtpTest("answers 535 to a wrong password", async (mailtrap) => {
  const auth = { user: mailtrap.variables.MAILTRAP_USER ?? "", pass: "wrong" };
  await assert.rejects(mailtrap.send({}, { auth }), { code: "EAUTH", responseCode: 535 });
});

smtpTest("offers AUTH after STARTTLS only, and takes no credentials before", async (mailtrap) => {
  using dialogue = await SmtpDialogue.connect(mailtrap);
  const offers = await dialogue.command("EHLO client.example");
  assert.match(offers, /^250[ -]STARTTLS/m);
  assert.doesNotMatch(offers, /AUTH/);
  assert.match(await dialogue.command(plainLogin(mailtrap)), /^5\d\d /);
  const refusal = "530 5.7.1 Authentication required";
  assert.equal(await dialogue.command("MAIL FROM:<sender@example.com>"), refusal);
  await dialogue.startTls(mailtrap);
  assert.match(await dialogue.command("EHLO client.example"), /^250[ -]AUTH PLAIN LOGIN/m);
  assert.equal(await dialogue.command("MAIL FROM:<sender@example.com>"), refusal);
});

smtpTest("accepts a mail for the other recipients when one bounces", async (mailtrap) => {
  const to = ["good@example.com", "bounce+550+no@example.com"];
  const { accepted, rejected } = await mailtrap.send({ to });
  assert.deepEqual({ accepted, rejected }, { accepted: [to[0]], rejected: [to[1]] });
  assert.equal((await mailtrap.list()).length, 1);
});

smtpTest("answers 552 to a mail that is announced as too big", async (mailtrap) => {
  await assert.rejects(mailtrap.send({ text: "x".repeat(MAX_MESSAGE_SIZE_BYTES + 1) }), {
    response: "552 5.3.4 Error: message too big",
  });
});

smtpTest("answers 552 to a mail that turns out too big, and goes on", async (mailtrap) => {
  using dialogue = await SmtpDialogue.logIn(mailtrap);
  const tooBig = new Uint8Array(MAX_MESSAGE_SIZE_BYTES + 1).fill("x".charCodeAt(0));
  const raw = new Uint8Array([...tooBig, ...bytes("\r\n")]);
  assert.equal(await dialogue.sendMail(raw), "552 5.3.4 Error: message too big");
  assert.deepEqual(await mailtrap.list(), []);
  assert.match(await dialogue.sendMail(bytes("Subject: small\r\n\r\n")), /^250 /);
  assert.equal((await mailtrap.list()).length, 1);
});

for (
  const [name, raw] of [
    ["UTF-8 in header and body", bytes("Subject: Grüße 🦕\r\n\r\nça va ✓\r\n")],
    ["every byte", new Uint8Array([...Array(256).keys(), 0x0d, 0x0a])],
    ["a line of 100,000 characters", bytes(`A: b\r\n\r\n${"x".repeat(100_000)}\r\n`)],
    ["leading dots", bytes("..\r\nA: b\r\n\r\n.\r\n..\r\n...\r\n.x\r\n\r\n.\r\n")],
    ["line feeds without carriage returns", bytes("A: b\n\nx\ny\r\n")],
    ["nothing but a line end", bytes("\r\n")],
  ] as const
) {
  for (const chunkSizeBytes of [1, 64 * 1024]) {
    // A long line is not written byte by byte, which would take too long.
    if (raw.length / chunkSizeBytes > 10_000) continue;
    smtpTest(`keeps ${name}, written ${chunkSizeBytes} at a time`, async (mailtrap) => {
      using dialogue = await SmtpDialogue.logIn(mailtrap);
      assert.match(await dialogue.sendMail(raw, chunkSizeBytes), /^250 /);
      assert.deepEqual(await mailtrap.raw(await mailtrap.only()), raw);
    });
  }
}

smtpTest("accepts the null sender", async (mailtrap) => {
  await mailtrap.send({ envelope: { from: "", to: "recipient@example.com" } });
  await mailtrap.only();
});

smtpTest("answers pipelined commands in order, over two mails", async (mailtrap) => {
  using dialogue = await SmtpDialogue.logIn(mailtrap);
  const head = "MAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.com>\r\nDATA\r\n";
  await dialogue.write(`${head}Subject: 1\r\n\r\n.\r\n${head}Subject: 2\r\n\r\n.\r\nNOOP\r\n`);
  const codes: string[] = [];
  while (codes.length < 9) codes.push((await dialogue.reply()).slice(0, 3));
  assert.deepEqual(codes, ["250", "250", "354", "250", "250", "250", "354", "250", "250"]);
  assert.deepEqual((await mailtrap.list()).map(({ subject }) => subject), ["2", "1"]);
});

smtpTest("stores nothing of a mail whose connection drops in mid-DATA", async (mailtrap) => {
  {
    using dialogue = await SmtpDialogue.logIn(mailtrap);
    await dialogue.startMail();
    await dialogue.write("Subject: half\r\n\r\nThis is where it en");
  }
  await mailtrap.send({ subject: "whole" });
  assert.equal((await mailtrap.only()).subject, "whole");
});

smtpTest("goes on after clients that speak no SMTP or TLS", async (mailtrap) => {
  const noise = crypto.getRandomValues(new Uint8Array(50_000));
  for (const afterStartTls of [false, true]) {
    using dialogue = await SmtpDialogue.connect(mailtrap);
    if (afterStartTls) {
      await dialogue.command("EHLO client.example");
      assert.match(await dialogue.command("STARTTLS"), /^220 /);
    }
    // The server may hang up while it is still being written to.
    await dialogue.write(noise).catch(() => {});
  }
  await mailtrap.send();
  await mailtrap.only();
});
