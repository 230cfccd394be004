import { deepEqual, equal, ok } from "node:assert/strict";
import { readBodySizes, readContent } from "./message_content.ts";

function streamOf(text: string, partBytes = 16 * 1024) {
  const bytes = new TextEncoder().encode(text);
  let offset = 0;
  const stream = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (offset < bytes.length) {
        controller.enqueue(bytes.subarray(offset, offset += partBytes));
      } else controller.close();
    },
  }, { highWaterMark: 0 });
  return { stream, readBytes: () => Math.min(offset, bytes.length) };
}

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
  deepEqual(await readContent(streamOf(MAIL, 7).stream), {
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

Deno.test("readBodySizes() counts the decoded text and HTML, in UTF-8", async () => {
  deepEqual(await readBodySizes(streamOf(MAIL).stream), {
    textBytes: new TextEncoder().encode("grüß dich").length,
    htmlBytes: "<p>x</p>".length,
  });
});

Deno.test("readBodySizes() counts nothing of a mail without bodies", async () => {
  for (const mail of ["", "Subject: x\r\n\r\n"]) {
    deepEqual(await readBodySizes(streamOf(mail).stream), { textBytes: 0, htmlBytes: 0 });
  }
});

Deno.test("readBodySizes() reads no more than the beginning of a large mail", async () => {
  const sizeBytes = 15_000_000;
  const { stream, readBytes } = streamOf(`Subject: x\r\n\r\n${"x".repeat(sizeBytes)}`);
  equal((await readBodySizes(stream)).textBytes > 0, true);
  ok(readBytes() < sizeBytes / 10, `${readBytes()} bytes`);
});
