import { deepEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import PostalMime from "postal-mime";
import { splitMail } from "../mail/mail_headers.ts";
import { parseMail } from "./parse_mail.ts";

const encoder = new TextEncoder();
const lineEnds = (text: string | undefined) => text?.replace(/\r\n|\r/g, "\n").replace(/\n$/, "");

/** Parses a mail with this body; the second result is PostalMime's own. */
async function parseBoth(headers: readonly string[], body: Uint8Array) {
  const head = encoder.encode(
    ["From: Me <me@example.com>", "Subject: =?utf-8?q?caf=C3=A9?=", ...headers, "", ""].join(
      "\r\n",
    ),
  );
  const raw = new Uint8Array([...head, ...body]);
  return [await parseMail(raw, splitMail(raw)), await PostalMime.parse(raw)] as const;
}

const plainText = ["Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit"];

Deno.test("parseMail() reads plain text as PostalMime does", async () => {
  const line = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom("", "\ufeff", ".", "--", " ", "\r", "\r\r", "a\r", "\rb"),
  );
  const body = fc.array(fc.tuple(line, fc.constantFrom("\r\n", "\n"))).map((lines) =>
    encoder.encode(lines.flat().join(""))
  );
  await fc.assert(fc.asyncProperty(body, async (body) => {
    const [{ text, ...email }, { text: expectedText, ...expected }] = await parseBoth(
      plainText,
      body,
    );
    equal(lineEnds(text), lineEnds(expectedText));
    deepEqual(email, expected);
  }));
});

for (const body of ["\r\r\n", "a\r\r\nb\r\r", "\r", "\n\r", "a\rb\r\n"]) {
  Deno.test(`parseMail() reads the line ends of ${JSON.stringify(body)} as PostalMime does`, async () => {
    const [{ text }, { text: expected }] = await parseBoth(plainText, encoder.encode(body));
    equal(lineEnds(text), lineEnds(expected));
  });
}

Deno.test("parseMail() takes no longer for a long run of carriage returns than for other text", async () => {
  const size = 1_000_000;
  const timeOf = async (body: string) => {
    const started = performance.now();
    await parseBoth(plainText, encoder.encode(body));
    return performance.now() - started;
  };
  const otherMs = await timeOf("a".repeat(size));
  const returnsMs = await timeOf(`${"\r".repeat(size)}a`);
  ok(returnsMs < 50 * otherMs + 500, `${returnsMs} ms, other text ${otherMs} ms`);
});

Deno.test("parseMail() reads bytes that are no UTF-8 as PostalMime does", async () => {
  await fc.assert(fc.asyncProperty(fc.uint8Array(), async (body) => {
    const [{ text }, { text: expected }] = await parseBoth(plainText, body);
    equal(lineEnds(text), lineEnds(expected));
  }));
});

for (
  const headers of [
    ["Content-Type: text/plain; charset=iso-8859-1"],
    ["Content-Type: text/plain; charset=utf-8; format=flowed"],
    ["Content-Type: text/html; charset=utf-8"],
    ["Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: quoted-printable"],
    ["Content-Type: text/plain; charset=utf-8", "Content-Type: text/html"],
    ["Content-Type: text/plain; charset=utf-8", "Content-Disposition: attachment"],
    [],
  ]
) {
  Deno.test(`parseMail() leaves the body to PostalMime after ${headers.join(", ")}`, async () => {
    const [email, expected] = await parseBoth(headers, encoder.encode("a=C3=A9 \r\nb\xe9\r\n"));
    deepEqual(email, expected);
  });
}
