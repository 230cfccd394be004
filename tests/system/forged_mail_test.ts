/**
 * What a mail says of itself is a claim: one that a stranger sends in an email's name changes nothing about that email.
 *
 * @module
 */
import { equal, ok } from "node:assert/strict";
import { emailTrace } from "@playground/server/trace-view";
import { integrationTest, waitFor } from "@playground/shared/testing";
import { createTransport } from "nodemailer";
import { getJson, sendTo } from "../fixture/page_api.ts";
import {
  startTestSystem,
  type TestSystem,
  type TraceSnapshot,
  traceUntil,
} from "../fixture/test_system.ts";

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
  const { client } = test;
  const { id, traceId } = await sendTo(test, "bounce+550+no+such+user@example.com");
  const isDead = ({ state }: TraceSnapshot) => state.name === "dead-lettered";
  const { spans } = await traceUntil(client, traceId, isDead);
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
  const { state, mail, claimedMail } = emailTrace.parse(
    await getJson(test, `/api/traces/${traceId}`),
  );
  equal(state.name, "dead-lettered");
  equal(mail, undefined);
  equal(claimedMail?.documentId, document?._id);
});
