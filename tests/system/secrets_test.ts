/**
 * What must stand in no span and no log line: secrets, bodies, subjects and the local parts of addresses.
 *
 * @module
 */
import { equal, ok } from "node:assert/strict";
import type { EmailDocument } from "@playground/shared/email";
import { integrationTest, waitFor } from "@playground/shared/testing";
import { startFaultySystem } from "../fixture/faulty_system.ts";

/** What must stand nowhere but in the mail itself and in the configuration. */
const PLANTED = {
  senderLocalPart: "planted.sender",
  recipientLocalPart: "planted.recipient",
  display: "Planted Display",
  subject: "planted subject",
  body: "planted body",
  apiToken: "planted-api-token",
  wrongToken: "planted-wrong-token",
} as const;

const EMAIL: EmailDocument = {
  sender: { address: `${PLANTED.senderLocalPart}@example.com`, display: PLANTED.display },
  recipient: { address: `${PLANTED.recipientLocalPart}@example.com` },
  subject: PLANTED.subject,
  body: PLANTED.body,
};

integrationTest(
  "no secret, body, subject or local part stands in any span or log line",
  async () => {
    await using test = await startFaultySystem(undefined, {
      LOG_LEVEL: "debug",
      API_TOKEN: PLANTED.apiToken,
      RETRY_DELAYS: "100ms",
      MAX_ATTEMPTS: "2",
      MAILTRAP_USER: "playground",
    });
    const post = async (document: unknown, token: string = PLANTED.apiToken) => {
      const response = await fetch(new URL("/email", test.system.urls.messageServer), {
        method: "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
        body: typeof document === "string" ? document : JSON.stringify(document),
      });
      const text = await response.text();
      for (const [what, secret] of Object.entries(PLANTED)) {
        ok(!text.includes(secret), `the answer ${response.status} tells the ${what}: ${text}`);
      }
      return response.status;
    };

    // Every way that an email can go wrong, and the one on which it does not.
    equal(await post(EMAIL), 202);
    equal(
      await post({
        ...EMAIL,
        recipient: { address: "bounce+550+no+such+user@example.com" },
      }),
      202,
    );
    equal(
      await post({
        ...EMAIL,
        recipient: { address: "bounce+451+try+later@example.com" },
      }),
      202,
    );
    equal(await post({ ...EMAIL, subject: `${PLANTED.subject}\r\nBcc: all` }), 422);
    equal(await post({ ...EMAIL, sender: { address: PLANTED.senderLocalPart } }), 422);
    equal(await post(`{"body": "${PLANTED.body}`), 400);
    equal(await post(EMAIL, PLANTED.wrongToken), 401);
    await waitFor(
      "one email is archived",
      async () => (await test.archived()).length === 1,
      20_000,
    );
    test.smtp.refuse();
    test.mongodb.refuse();
    equal(await post(EMAIL), 202);
    const written = () => test.lines.join("\n");
    await waitFor(
      "three emails are dead-lettered",
      () => written().match(/is dead-lettered/g)?.length === 3,
      20_000,
    );

    const response = await fetch(`${test.zipkinUrl}/api/v2/traces?limit=1000&lookback=600000`);
    const spans = await response.text();
    ok(spans.includes("dead-lettered"), "the collector has the traces");
    for (const [what, secret] of Object.entries(PLANTED)) {
      ok(!spans.includes(secret), `a span tells the ${what}`);
      ok(!written().includes(secret), `a log line tells the ${what}`);
    }
  },
);

integrationTest("a wrong password pauses the emailer, and is told nowhere", async () => {
  const password = "planted-password";
  await using test = await startFaultySystem(undefined, {
    LOG_LEVEL: "debug",
    MAILTRAP_PASSWORD: password,
  });
  const accepted = await test.client.postEmail(EMAIL);
  equal(accepted.status, "accepted");
  const written = () => test.lines.join("\n");
  await waitFor("the emailer says why it pauses", () => /Cannot send any mail/.test(written()));
  await waitFor("the failure is in the trace", async () => {
    const response = await fetch(`${test.zipkinUrl}/api/v2/traces?limit=1000&lookback=600000`);
    const spans = await response.text();
    ok(!spans.includes(password), "a span tells the password");
    return spans.includes("535");
  });
  ok(!written().includes(password), "a log line tells the password");
});
