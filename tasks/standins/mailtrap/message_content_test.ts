import { deepEqual } from "node:assert/strict";
import { readContent, summarize } from "./message_content.ts";

const MAIL = [
  "Subject: =?UTF-8?Q?Gr=C3=BC=C3=9Fe?=",
  "Content-Type: multipart/mixed; boundary=a",
  "",
  "--a",
  "Content-Type: text/plain; charset=iso-8859-1",
  "Content-Transfer-Encoding: quoted-printable",
  "",
  "gr=FC=DF dich",
  "--a",
  "Content-Type: text/html",
  "",
  "<p>x</p>",
  "--a",
  "Content-Type: text/plain; name=notes.txt",
  "Content-Disposition: attachment",
  "",
  "attached",
  "--a--",
].join("\r\n");

Deno.test("readContent() reads headers, bodies and attachments", async () => {
  const content = await readContent(ReadableStream.from([new TextEncoder().encode(MAIL)]));
  const attachments = content?.attachments.map(({ name, type }) => [name, type]);
  deepEqual({ ...content, attachments }, {
    headers: [
      { name: "Subject", value: "Grüße" },
      { name: "Content-Type", value: "multipart/mixed; boundary=a" },
    ],
    text: "grüß dich",
    html: "<p>x</p>",
    attachments: [["notes.txt", "text/plain"]],
  });
});

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
const LARGE = "x".repeat(3 * 1024 * 1024);

for (
  const [what, mail, expected] of [
    [
      "subject, sender, recipient, and how long the text is in UTF-8",
      'From: =?UTF-8?Q?=C3=84nn?= <ann@example.com>\r\nTo: "Bob" <bob@example.com>\r\nSubject: Hi\r\n\r\nü',
      {
        subject: "Hi",
        fromEmail: "ann@example.com",
        fromName: "Änn",
        toEmail: "bob@example.com",
        toName: "Bob",
        textBytes: 2,
      },
    ],
    ["how long the HTML is", "Content-Type: text/html\r\n\r\n<p>x</p>", { htmlBytes: 8 }],
    [
      "several recipients, those of groups too, and names none",
      "To: A <a@example.com>, Team: b@example.com, C <c@example.com>;\r\n\r\n",
      { toEmail: "a@example.com, b@example.com, c@example.com" },
    ],
    [
      "the envelope where the header has no addresses",
      "X: y\r\nTo: Bob\r\n\r\nTo: a@b.c",
      { textBytes: 9 },
    ],
    ["the envelope of an empty mail", "", {}],
    ["the envelope of what is not a mail", "no header at all", {}],
    [
      "the beginning of a large mail",
      `Subject: x\r\n\r\n${LARGE}`,
      { subject: "x", textBytes: 64 * 1024 - "Subject: x\r\n\r\n".length },
    ],
    [
      "the beginning of a header without end",
      `Subject: first\r\nX-Long: ${LARGE}`,
      { subject: "first" },
    ],
  ] as const
) {
  Deno.test(`summarize() reads ${what}`, async () => {
    deepEqual(await summarize({ raw: new TextEncoder().encode(mail), ...ENVELOPE }), {
      ...OF_ENVELOPE,
      ...expected,
    });
  });
}
