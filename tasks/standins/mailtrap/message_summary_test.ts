import assert from "node:assert/strict";
import fc from "fast-check";
import { summarize } from "./message_summary.ts";

const ENVELOPE = { mailFrom: "env@example.com", recipients: ["r1@example.com", "r2@example.com"] };
const OF_ENVELOPE = {
  subject: "",
  fromEmail: "env@example.com",
  fromName: "",
  toEmail: "r1@example.com, r2@example.com",
  toName: "",
  textBytes: 0,
  htmlBytes: 0,
};

const summaryOf = (text: string) => summarize(new TextEncoder().encode(text), ENVELOPE);

for (
  const { what, mail, expected } of [
    {
      what: "subject, sender and recipient",
      mail: 'From: Ann <ann@example.com>\r\nTo: "Bob" <bob@example.com>\r\nSubject: Hi\r\n\r\nx',
      expected: {
        subject: "Hi",
        fromEmail: "ann@example.com",
        fromName: "Ann",
        toEmail: "bob@example.com",
        toName: "Bob",
        textBytes: 1,
      },
    },
    {
      what: "encoded words",
      mail:
        "From: =?UTF-8?Q?=C3=84nn?= <a@example.com>\r\nSubject: =?UTF-8?Q?Gr=C3=BC=C3=9Fe?=\r\n",
      expected: { fromName: "Änn", subject: "Grüße", fromEmail: "a@example.com" },
    },
    { what: "UTF-8", mail: "Subject: Grüße 🦕\r\n\r\n", expected: { subject: "Grüße 🦕" } },
    {
      what: "folded lines",
      mail: "Subject: one\r\n two\r\n\r\n",
      expected: { subject: "one two" },
    },
    {
      what: "several recipients, those of groups too, and names none",
      mail: "To: A <a@example.com>, Team: b@example.com, C <c@example.com>;\r\n\r\n",
      expected: { toEmail: "a@example.com, b@example.com, c@example.com" },
    },
    {
      what: "the envelope where the header has no addresses",
      mail: "X: y\r\n\r\nTo: a@b.c\r\n",
      expected: { textBytes: 11 },
    },
    { what: "the envelope of an empty mail", mail: "", expected: {} },
    {
      what: "the envelope of a mail without headers",
      mail: "\r\nTo: a@b.c\r\n",
      expected: { textBytes: 11 },
    },
    { what: "the envelope of what is no mail", mail: "no header at all", expected: {} },
    {
      what: "nothing but its size from the body",
      mail: "X: y\n\nSubject: body\n",
      expected: { textBytes: 14 },
    },
    {
      what: "the beginning of a large mail",
      mail: `Subject: x\r\n\r\n${"x".repeat(3 * 1024 * 1024)}`,
      expected: { subject: "x", textBytes: 64 * 1024 - 14 },
    },
    {
      what: "the beginning of a header without end",
      mail: `Subject: first\r\nX-Long: ${"x".repeat(3 * 1024 * 1024)}`,
      expected: { subject: "first" },
    },
  ]
) {
  Deno.test(`summarize() reads ${what}`, async () => {
    assert.deepEqual(await summaryOf(mail), { ...OF_ENVELOPE, ...expected });
  });
}

Deno.test("summarize() never throws", async () => {
  const pieces = ["To:", "From:", "Subject:", "=?UTF-8?B?", "?=", "<", "@", ":", ";", "\r\n", " "];
  const headerLike = fc.array(fc.constantFrom(...pieces, "\0", "ü", "(", '"', "\\"), {
    maxLength: 40,
  }).map((parts) => new TextEncoder().encode(parts.join("")));
  const mail = fc.oneof(headerLike, fc.uint8Array({ maxLength: 300 }));
  await fc.assert(fc.asyncProperty(mail, async (raw) => {
    assert.equal(typeof (await summarize(raw, ENVELOPE)).subject, "string");
  }));
});
