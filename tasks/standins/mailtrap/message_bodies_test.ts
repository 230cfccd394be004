import { deepEqual, ok } from "node:assert/strict";
import { readBodySizes } from "./message_bodies.ts";

/** A mail as a stream of parts; tells how much of it was read. */
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

Deno.test("readBodySizes() counts the decoded text and HTML, in UTF-8", async () => {
  const mail = [
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
    "",
  ].join("\r\n");
  deepEqual(await readBodySizes(streamOf(mail).stream), {
    textBytes: new TextEncoder().encode("grüß dich\n").length,
    htmlBytes: "<p>x</p>".length,
  });
});

Deno.test("readBodySizes() counts nothing of a mail without bodies", async () => {
  for (const mail of ["", "Subject: x\r\n\r\n"]) {
    const { htmlBytes } = await readBodySizes(streamOf(mail).stream);
    deepEqual(htmlBytes, 0);
  }
});

Deno.test("readBodySizes() reads no more than the beginning of a large mail", async () => {
  const sizeBytes = 15_000_000;
  const { stream, readBytes } = streamOf(`Subject: x\r\n\r\n${"x".repeat(sizeBytes)}`);
  const { textBytes } = await readBodySizes(stream);
  ok(textBytes > 0);
  ok(readBytes() < sizeBytes / 10, `${readBytes()} bytes`);
});
