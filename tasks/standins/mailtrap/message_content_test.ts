import { deepEqual } from "node:assert/strict";
import { readContent } from "./message_content.ts";

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
  deepEqual(await readContent(ReadableStream.from([new TextEncoder().encode(MAIL)])), {
    headers: [
      { name: "Subject", value: "=?UTF-8?Q?Gr=C3=BC=C3=9Fe?=" },
      { name: "Content-Type", value: "multipart/mixed; boundary=a" },
    ],
    text: "grüß dich",
    html: "<p>x</p>",
    attachments: [{ name: "notes.txt", type: "text/plain" }],
  });
});
