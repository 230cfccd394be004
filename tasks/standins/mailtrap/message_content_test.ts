import { deepEqual } from "node:assert/strict";
import { readContent } from "./message_content.ts";

const MAIL = [
  "Subject: =?UTF-8?Q?Gr=C3=BC=C3=9Fe?=,",
  " folded",
  "no header",
  "X-Raw: ü",
  "Content-Type: multipart/mixed; boundary=a",
  "",
  "--a",
  "Content-Type: multipart/alternative; boundary=b",
  "",
  "--b",
  "Content-Type: text/plain; charset=iso-8859-1",
  "Content-Transfer-Encoding: quoted-printable",
  "",
  "gr=FC=DF dich",
  "--b",
  "Content-Type: text/html; charset=utf-8",
  "Content-Transfer-Encoding: base64",
  "",
  btoa("<p>x</p>"),
  "--b--",
  "--a",
  "Content-Type: text/plain; name=notes.txt",
  "Content-Disposition: attachment",
  "",
  "attached",
  "--a--",
  "",
].join("\r\n");

Deno.test("readContent() decodes the bodies, and lists headers and attachments", async () => {
  const pieces = MAIL.match(/[^]{1,7}/g)?.map((piece) => new TextEncoder().encode(piece)) ?? [];
  deepEqual(await readContent(pieces), {
    headers: [
      { name: "Subject", value: "=?UTF-8?Q?Gr=C3=BC=C3=9Fe?=, folded" },
      { name: "X-Raw", value: "ü" },
      { name: "Content-Type", value: "multipart/mixed; boundary=a" },
    ],
    text: "grüß dich",
    html: "<p>x</p>",
    attachments: [{ name: "notes.txt", type: "text/plain" }],
  });
});
