import { deepEqual, equal, match, notEqual, ok } from "node:assert/strict";
import { mock } from "node:test";
import {
  deliveredMessage,
  EXAMPLE_DOCUMENT,
  type MessageContents,
} from "@playground/shared/testing";
import fc from "fast-check";
import { readQueuedMessage } from "./queued_email.ts";

const EMAIL_ID = "0190d6f2-8c1a-7a60-8000-000000000001";
const NOW_MS = Date.UTC(2026, 10, 24);
mock.method(Date, "now", () => NOW_MS);

async function read(options: MessageContents = {}) {
  return await readQueuedMessage(deliveredMessage(options));
}

Deno.test("readQueuedMessage() reads a message of our own", async () => {
  const content = JSON.stringify(EXAMPLE_DOCUMENT);
  deepEqual(
    await read({
      content,
      headers: { "x-attempt": 3, "x-mail-message-id": "<id@example.com>" },
      properties: { messageId: EMAIL_ID, timestamp: 1_795_000_000 },
    }),
    {
      ok: true,
      document: EXAMPLE_DOCUMENT,
      emailId: EMAIL_ID,
      messageId: "<id@example.com>",
      date: new Date(1_795_000_000_000),
      attempt: 3,
      content: deliveredMessage({ content }).content,
    },
  );
});

Deno.test("readQueuedMessage() derives what a message without properties lacks from its content", async () => {
  const { emailId, messageId, attempt, date } = await read({});
  match(emailId, /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  equal(messageId, `<${emailId}@playground.invalid>`);
  equal(attempt, 1);
  deepEqual(date, new Date(NOW_MS));
  equal((await read({ headers: { "x-b3-traceid": "1" } })).emailId, emailId);
  const other = await read({ content: JSON.stringify({ ...EXAMPLE_DOCUMENT, body: "other" }) });
  notEqual(other.emailId, emailId);
});

const NONSENSE: readonly MessageContents[] = [
  ...["not-a-uuid", "", 42, { id: EMAIL_ID }, `${EMAIL_ID}\r\nBcc: x`].map((messageId) => ({
    properties: { messageId },
  })),
  ...[
    "no-brackets@example.com",
    "<no-at>",
    "<a@b>\r\nBcc: x@example.com",
    "<a b@c>",
    "<>",
    `<${"x".repeat(300)}@example.com>`,
    `<x@${"example.".repeat(100)}com>`,
  ].map((messageId) => ({ headers: { "x-mail-message-id": messageId } })),
  ...[0, -1, 1.5, "x", "", "1e999", true, null, { attempt: 2 }].map((attempt) => ({
    headers: { "x-attempt": attempt },
  })),
  // The one before the last is in milliseconds by mistake.
  ...[null, Number.NaN, -1, Number.POSITIVE_INFINITY, "yesterday", {}, NOW_MS + 1, undefined].map(
    (timestamp) => ({ properties: { timestamp } }),
  ),
];
Deno.test.each(NONSENSE)("readQueuedMessage() ignores %o", async (contents) => {
  deepEqual(await read(contents), await read());
});

Deno.test.each([
  ["no JSON", "{", "the message is not JSON in UTF-8"],
  ["empty", "", "the message is not JSON in UTF-8"],
  ["no UTF-8", Uint8Array.of(0x22, 0xff, 0x22), "the message is not JSON in UTF-8"],
  ["null", "null", "the document is not an email: must be a JSON object"],
  [
    "of wrong types",
    JSON.stringify({ ...EXAMPLE_DOCUMENT, sender: "me@example.com", body: 1 }),
    "the document is not an email: /sender must be an object with an address; /body must be a string",
  ],
])(
  "readQueuedMessage() says why content is not an email when it is %s",
  async (_what, content, error) => {
    const message = await read({ content, properties: { messageId: EMAIL_ID } });
    ok(!message.ok);
    deepEqual([message.error, message.emailId], [error, EMAIL_ID]);
    deepEqual(message.content, deliveredMessage({ content }).content);
  },
);

Deno.test("readQueuedMessage() never throws and reads the same twice", async () => {
  const garbage = fc.record({
    content: fc.oneof(fc.uint8Array(), fc.json().map((json) => new TextEncoder().encode(json))),
    headers: fc.dictionary(
      fc.oneof(fc.constantFrom("x-attempt", "x-mail-message-id", "X-B3-TraceId"), fc.string()),
      fc.anything(),
    ),
    properties: fc.record({ messageId: fc.anything(), timestamp: fc.anything() }),
  });
  await fc.assert(fc.asyncProperty(garbage, async (options) => {
    deepEqual(await read(options), await read(options));
  }));
});
