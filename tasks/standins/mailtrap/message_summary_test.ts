import assert from "node:assert/strict";
import fc from "fast-check";
import { summarize } from "./message_summary.ts";

const ENVELOPE = { mailFrom: "env@example.com", recipients: ["r1@example.com", "r2@example.com"] };

const summaryOf = (text: string) => summarize(new TextEncoder().encode(text), ENVELOPE);

Deno.test("summarize() reads subject, sender and recipient", async () => {
  const mail = 'From: Ann <ann@example.com>\r\nTo: "Bob" <bob@example.com>\r\nSubject: Hi\r\n\r\nx';
  assert.deepEqual(await summaryOf(mail), {
    subject: "Hi",
    fromEmail: "ann@example.com",
    fromName: "Ann",
    toEmail: "bob@example.com",
    toName: "Bob",
  });
});

Deno.test("summarize() decodes encoded words, raw UTF-8 and folded lines", async () => {
  assert.equal((await summaryOf("Subject: =?UTF-8?Q?Gr=C3=BC=C3=9Fe?=\r\n\r\n")).subject, "Grüße");
  assert.equal((await summaryOf("Subject: Grüße 🦕\r\n\r\n")).subject, "Grüße 🦕");
  assert.equal((await summaryOf("Subject: one\r\n two\r\n\r\n")).subject, "one two");
});

Deno.test("summarize() joins several recipients, those of groups too, and names none", async () => {
  const { toEmail, toName } = await summaryOf(
    "To: A <a@example.com>, Team: b@example.com, C <c@example.com>;\r\n\r\n",
  );
  assert.deepEqual({ toEmail, toName }, {
    toEmail: "a@example.com, b@example.com, c@example.com",
    toName: "",
  });
});

Deno.test("summarize() takes the addresses of the envelope when the header has none", async () => {
  for (const mail of ["", "\r\n", "Subject: x\r\n\r\nTo: a@example.com\r\n", "no header at all"]) {
    const { fromEmail, toEmail } = await summaryOf(mail);
    assert.deepEqual([fromEmail, toEmail], ["env@example.com", "r1@example.com, r2@example.com"]);
  }
});

Deno.test("summarize() does not look into the body", async () => {
  assert.equal((await summaryOf("From: a@example.com\n\nSubject: body\n")).subject, "");
});

Deno.test("summarize() does not choke on a header without end", async () => {
  const { subject } = await summaryOf(`Subject: first\r\nX-Long: ${"x".repeat(3 * 1024 * 1024)}`);
  assert.equal(subject, "first");
});

Deno.test("summarize() never rejects", async () => {
  await fc.assert(fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (raw) => {
    assert.equal(typeof (await summarize(raw, ENVELOPE)).subject, "string");
  }));
  const headerLike = fc.array(
    fc.constantFrom(
      "To:",
      "From:",
      "Subject:",
      "=?UTF-8?B?",
      "?=",
      "<",
      "@",
      ":",
      ";",
      "\r\n",
      " ",
      "\0",
      "ü",
      "(",
      '"',
      "\\",
    ),
    { maxLength: 40 },
  );
  await fc.assert(fc.asyncProperty(headerLike, async (pieces) => {
    assert.equal(typeof (await summaryOf(pieces.join(""))).subject, "string");
  }));
});
