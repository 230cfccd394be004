/**
 * No span, log line or answer may contain secrets, bodies, subjects or the local parts of addresses. A secret is sent only to its
 * own recipient.
 *
 * @module
 */
import { equal, ok } from "node:assert/strict";
import { integrationTest, waitFor } from "@playground/shared/testing";
import { postEmail } from "../fixture/emails.ts";
import { startFaultySystem } from "../fixture/faulty_system.ts";
import type { HttpProxy } from "../fixture/http_proxy.ts";
import { get } from "../fixture/zipkin.ts";

const SENDER = "planted.sender";
const API_TOKEN = "planted-api-token";
const [USER, PASSWORD] = ["planted-user", "planted-pässword"];

const BASIC = `Basic ${new TextEncoder().encode(`${USER}:${PASSWORD}`).toBase64()}`;

/** Texts that may appear only in the mail and in the configuration. */
const PLANTED = {
  senderLocalPart: SENDER,
  recipientLocalPart: "planted.recipient",
  display: "Planted Display",
  subject: "planted subject",
  body: "planted body",
  apiToken: API_TOKEN,
  wrongToken: "planted-wrong-token",
  user: USER,
  password: PASSWORD,
  encodedPassword: encodeURIComponent(PASSWORD),
  encodedUser: btoa(USER).slice(0, 8),
} as const;

const PLANTED_EMAIL = {
  sender: { address: `${SENDER}@example.com`, display: PLANTED.display },
  recipient: { address: `${PLANTED.recipientLocalPart}@example.com` },
  subject: PLANTED.subject,
  body: PLANTED.body,
};

/** Requires user and password, like a proxy before a shared collector. */
function guard({ intercept }: HttpProxy): { readonly isPassed: () => boolean } {
  const seen = new Set<string | null>();
  intercept(({ headers }) => {
    const authorization = headers.get("authorization");
    seen.add(authorization);
    return authorization === BASIC ? undefined : new Response(null, { status: 401 });
  });
  return { isPassed: () => seen.size === 1 && seen.has(BASIC) };
}

integrationTest(
  "no secret, body, subject or local part is in any span, log line or answer",
  async () => {
    await using test = await startFaultySystem({
      LOG_LEVEL: "debug",
      API_TOKEN,
      RETRY_DELAYS: "100ms",
      MAX_ATTEMPTS: "2",
    }, `${USER}:${PASSWORD}`);
    const { messageServer } = test.system.urls;
    const guards = [guard(test.zipkin), guard(test.mailtrapApi)];
    const told: string[] = [];
    const post = async (document: unknown, token: string = API_TOKEN) => {
      const authorization = `Bearer ${token}`;
      const response = await postEmail(messageServer, document, { authorization });
      told.push(await response.text());
      return response.status;
    };
    const ask = async (path: string) => {
      const headers = { authorization: `Bearer ${API_TOKEN}` };
      const response = await fetch(new URL(path, messageServer), { headers });
      const text = await response.text();
      told.push(text);
      return { status: response.status, text };
    };

    // Each way in which an email can fail, and one that succeeds.
    equal(await post(PLANTED_EMAIL), 202);
    const { traceId } = JSON.parse(told[0] ?? "");
    for (const recipient of ["bounce+550+no+such+user", "bounce+451+try+later"]) {
      const document = { ...PLANTED_EMAIL, recipient: { address: `${recipient}@example.com` } };
      equal(await post(document), 202);
    }
    equal(await post({ ...PLANTED_EMAIL, subject: `${PLANTED.subject}\r\nBcc: all` }), 422);
    equal(await post({ ...PLANTED_EMAIL, sender: { address: SENDER } }), 422);
    equal(await post(`{"body": "${PLANTED.body}`), 400);
    equal(await post(PLANTED_EMAIL, PLANTED.wrongToken), 401);
    await waitFor(
      "one email is archived, and its poll is told of",
      async () => (await ask(`/api/traces/${traceId}`)).text.includes("delete-message"),
    );
    equal((await ask("/api/emails")).status, 200);
    equal((await test.archived()).length, 1);
    ok(guards.every(({ isPassed }) => isPassed()));

    test.smtp.refuse();
    test.mongodb.refuse();
    equal(await post(PLANTED_EMAIL), 202);
    const written = () => test.lines.join("\n");
    await waitFor(
      "three emails are dead-lettered",
      () => written().match(/is dead-lettered/g)?.length === 3,
    );
    const { text: spans } = await get(`${test.direct.ZIPKIN_URL}/api/v2/traces?limit=1000`);
    ok(spans.includes("dead-lettered"), "the collector has the traces");
    for (const [what, secret] of Object.entries(PLANTED)) {
      ok(!told.some((text) => text.includes(secret)), `an answer tells the ${what}`);
      ok(!spans.includes(secret), `a span tells the ${what}`);
      ok(!written().includes(secret), `a log line tells the ${what}`);
    }
  },
);
