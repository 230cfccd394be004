import { deepEqual, equal, ok } from "node:assert/strict";
import { VERSION } from "@playground/shared/version";
import { composeMail, type MailFacts } from "./mail.ts";
import { EMAIL } from "./testing/example_email.ts";

const TRACE = {
  headers: {
    "X-B3-TraceId": "463ac35c9f6413ad48485a3953bb6124",
    "X-B3-SpanId": "a2fb4a1d1a96d312",
    "X-B3-ParentSpanId": "0020000000000001",
    "X-B3-Sampled": "1",
  },
  sentAtMicroseconds: 1_795_523_696_123_456,
} as const;

/** Composes a mail; returns its envelope, it as text, its headers one a line, and its body. */
function compose(facts: Partial<MailFacts> = {}) {
  const { raw, envelope } = composeMail({ ...EMAIL, ...facts });
  const text = new TextDecoder().decode(raw);
  const headEnd = text.indexOf("\r\n\r\n");
  return {
    text,
    envelope,
    headers: text.slice(0, headEnd).replace(/\r\n[ \t]+/g, " ").split("\r\n"),
    body: text.slice(headEnd + 4),
  };
}

function withDocument(document: Partial<MailFacts["document"]>): Partial<MailFacts> {
  return { document: { ...EMAIL.document, ...document } };
}

Deno.test("composeMail() writes these headers, each once", () => {
  const { headers } = compose();
  deepEqual(headers.toSorted(), [
    "Content-Transfer-Encoding: 7bit",
    "Content-Type: text/plain; charset=utf-8",
    "Date: Tue, 24 Nov 2026 12:34:56 +0000",
    "From: Sender <sender@example.com>",
    "MIME-Version: 1.0",
    "Message-ID: <0190d6f2-8c1a-7a60-8000-000000000001@example.com>",
    "Subject: Subject",
    "To: recipient@example.com",
    "X-Email-Id: 0190d6f2-8c1a-7a60-8000-000000000001",
    `X-Mailer: tracing-playground-emailer/${VERSION}`,
  ]);
});

Deno.test("composeMail() writes the trace without the parent's id", () => {
  const { headers } = compose({ trace: TRACE });
  deepEqual(headers.filter((line) => /^X-(B3|Sent)-/i.test(line)).toSorted(), [
    "X-B3-Sampled: 1",
    "X-B3-SpanId: a2fb4a1d1a96d312",
    "X-B3-TraceId: 463ac35c9f6413ad48485a3953bb6124",
    "X-Sent-At-Us: 1795523696123456",
  ]);
});

Deno.test("composeMail() writes a tracestate where there is one, folded between its entries", () => {
  const entries = [`a=${"x y".repeat(40)}`, "congo=T61rcWkgMzE", `b=${"=?".repeat(60)}`];
  const { headers, text } = compose({
    trace: { ...TRACE, headers: { ...TRACE.headers, tracestate: entries.join() } },
  });
  ok(headers.includes(`tracestate: ${entries.join(", ")}`), text);
  ok(text.includes(`,\r\n congo=T61rcWkgMzE,\r\n b=`), text);
  equal(compose({ trace: TRACE }).text.includes("tracestate"), false);
});

Deno.test("composeMail() writes addresses beyond ASCII as they are, and nothing else beside ASCII", () => {
  const recipient = { address: "用户@xn--fsqu00a.example", display: "用户" };
  const document = withDocument({ recipient, subject: "主题", body: "正文" });
  const { text, headers, envelope } = compose(document);
  ok(headers.includes(`To: =?UTF-8?Q?=E7=94=A8=E6=88=B7?= <${recipient.address}>`), text);
  equal(text.replace(recipient.address, "").match(/[^\r\n -~]/), null);
  deepEqual(envelope.to, [recipient.address]);
});

Deno.test("composeMail() keeps ASCII readable in quoted-printable", () => {
  const { headers, body } = compose(withDocument({ body: "1 = 1, naïve\n.\n" }));
  ok(headers.includes("Content-Transfer-Encoding: quoted-printable"));
  equal(body, "1 =3D 1, na=C3=AFve\r\n.\r\n\r\n");
});

Deno.test("composeMail() writes what is mostly not ASCII in base64", () => {
  const { headers, body } = compose(withDocument({ body: "こんにちは" }));
  ok(headers.includes("Content-Transfer-Encoding: base64"));
  equal(new TextDecoder().decode(Uint8Array.fromBase64(body)), "こんにちは\r\n");
});
