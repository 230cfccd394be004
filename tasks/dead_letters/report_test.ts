import { deepEqual, equal, match, ok } from "node:assert/strict";
import { EXAMPLE_DOCUMENT, fetchedMessage } from "@playground/shared/testing";
import { readDeadLetter } from "@playground/tasks/clients/broker";
import { describeContent, describeDeadLetter, TABLE_HEAD, tableRow, toJson } from "./report.ts";

const ID = "11111111-2222-4333-8444-555555555555";
const MESSAGE = fetchedMessage({
  headers: {
    "x-attempt": 3,
    "x-dead-reason": "550 no such user",
    "x-dead-at": "2026-11-24T12:00:00.123Z",
    "x-death": [{ reason: "expired" }],
  },
  properties: { messageId: ID, timestamp: 1_794_999_000 },
});
const LETTER = await readDeadLetter(MESSAGE);

Deno.test("tableRow() aligns with the table's head", () => {
  const row = tableRow(LETTER);
  equal(row, `2026-11-24 12:00:00Z  ${ID}         3  550 no such user`);
  equal(TABLE_HEAD.indexOf("EMAIL"), row.indexOf(ID));
  equal(TABLE_HEAD.indexOf("REASON"), row.indexOf("550"));
});

Deno.test("tableRow() lets no reason break the line, or the width of a terminal with room for any", () => {
  const letter = { ...LETTER, deadAt: undefined, reason: `550\r\n\x1b[2J${"x".repeat(200)}` };
  const row = tableRow(letter, 100);
  equal(row.length, 100);
  match(row, /^- .* 550 \[2Jx+…$/);
  ok(tableRow(letter, 40).endsWith("x".repeat(200)));
});

Deno.test("describeDeadLetter() shows every fact and header, but nothing of the mail", () => {
  const text = describeDeadLetter({ ...LETTER, lastReply: "451 later" });
  for (const part of [ID, "2026-11-24 12:00:00Z", "550 no such user", "x-attempt: 3"]) {
    ok(text.includes(part), part);
  }
  match(text, /^Reason {6}550 no such user$/m);
  match(text, /^Last reply {2}451 later$/m);
  match(text, /x-death: \[\{"reason":"expired"\}\]/);
  for (const secret of ["sender@", "recipient@", EXAMPLE_DOCUMENT.subject, EXAMPLE_DOCUMENT.body]) {
    ok(!text.includes(secret), secret);
  }
});

Deno.test("describeContent() writes the mail, or other content without control characters", () => {
  equal(
    describeContent(MESSAGE.content),
    `From        Sender <sender@example.com>
To          recipient@example.com
Subject     Subject

Body`,
  );
  const content = new TextEncoder().encode("{no\temail\r\n\x1b[2J");
  equal(describeContent(content), "{no\temail\n\uFFFD[2J");
});

Deno.test("toJson() writes unknown values as null, and the mail only where it is given", () => {
  deepEqual(JSON.parse(toJson(LETTER)), {
    id: ID,
    messageId: null,
    traceId: null,
    acceptedAt: "2026-11-18T10:50:00.000Z",
    deadAt: "2026-11-24T12:00:00.123Z",
    attempts: 3,
    reason: "550 no such user",
    lastReply: null,
    sizeBytes: MESSAGE.content.length,
    headers: MESSAGE.properties.headers,
  });
  equal(JSON.parse(toJson(LETTER, MESSAGE.content)).content, JSON.stringify(EXAMPLE_DOCUMENT));
});
