/**
 * What a mail says of itself is a claim: one that a stranger sends in an email's name changes nothing about that email.
 *
 * @module
 */
import { equal, ok } from "node:assert/strict";
import { emailTrace } from "@playground/server/trace-view";
import { integrationTest, waitFor } from "@playground/shared/testing";
import { createTransport } from "nodemailer";
import { startTestSystem, type TestSystem, traceUntil } from "../fixture/test_system.ts";

async function sendAsStranger({ system }: TestSystem, lines: readonly string[]): Promise<void> {
  const { SMTP_HOST, SMTP_PORT, SMTP_CA, MAILTRAP_USER, MAILTRAP_PASSWORD } =
    system.standInVariables;
  const transport = createTransport({
    host: SMTP_HOST,
    port: Number(SMTP_PORT),
    requireTLS: true,
    tls: { ca: SMTP_CA },
    auth: { user: MAILTRAP_USER ?? "", pass: MAILTRAP_PASSWORD ?? "" },
  });
  await transport.sendMail({
    envelope: { from: "stranger@example.com", to: ["you@example.com"] },
    raw: lines.join("\r\n"),
  });
  transport.close();
}

integrationTest("a mail in a dead letter's name leaves it a dead letter, and says so", async () => {
  await using test = await startTestSystem();
  const { client, system } = test;
  const posted = await client.postEmail({
    sender: { address: "me@example.com" },
    recipient: { address: "bounce+550+no+such+user@example.com" },
    subject: "Subject",
    body: "Body",
  });
  ok(posted.status === "accepted");
  const { id, traceId } = posted.email;
  const { spans } = await traceUntil(
    client,
    traceId,
    ({ state }) => state.name === "dead-lettered",
  );
  const emailer = spans.find(({ name }) => name === "emailer");
  ok(emailer !== undefined);

  await sendAsStranger(test, [
    "From: stranger@example.com",
    "Subject: I am it",
    `X-Email-Id: ${id}`,
    `X-B3-TraceId: ${traceId}`,
    `X-B3-SpanId: ${emailer.id}`,
    "X-B3-Sampled: 1",
    "",
    "Nobody here sent me",
  ]);
  const seen = await traceUntil(
    client,
    traceId,
    ({ spans }) => spans.some(({ name }) => name === "archive-email"),
  );
  equal(seen.state.name, "dead-lettered");
  await waitFor("the mail is archived", async () => (await test.archived()).length === 1);
  const [document] = await test.archived();
  const response = await fetch(new URL(`/api/traces/${traceId}`, system.urls.messageServer));
  const { state, mail, claimedMail } = emailTrace.parse(await response.json());
  equal(state.name, "dead-lettered");
  equal(mail, undefined);
  equal(claimedMail?.documentId, document?._id);
});
