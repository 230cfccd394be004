import { equal } from "node:assert/strict";
import { bytes, mailOf, type MailOptions } from "../testing/mails.ts";
import { receiveMail } from "./arrival.ts";
import { whyNotMail } from "./recognize_mail.ts";

const NO_FIELD = "it does not begin with a header field";
const NO_MAIL_FIELD = "none of its header fields is a mail's, such as From";

Deno.test.each([
  ["header fields and a body", "From: a@example.com\r\n\r\nBody"],
  ["header fields alone", "From: a@example.com\r\nDate: x\r\n"],
  ["bare line feeds", "From: a@example.com\n\nBody"],
  ["a field of its own first", "X-Case: 1\r\nTo: a@example.com\r\n\r\nBody"],
  ["a blank before the colon (RFC 5322 section 4.5.8)", "From : a@example.com\r\n\r\nBody"],
  ["a folded first field", "Received: from a\r\n by b\r\nSubject: x\r\n\r\n"],
  ["raw UTF-8 in a field", "Subject: Glückwünsche\r\n\r\nBody"],
  ["a body that looks like a page", "From: a@example.com\r\n\r\n<!doctype html>"],
])("whyNotMail() accepts %s as a mail", (_what, text) => {
  equal(whyNotMail(receiveMail(bytes(text))), undefined);
});

Deno.test.each([
  ["nothing", "", "it is empty"],
  ["a line of text", "Service temporarily unavailable", NO_FIELD],
  ["a page", "<!doctype html><title>Sign in</title>", NO_FIELD],
  ["a page behind a byte order mark", "\uFEFF<html>From: x</html>", NO_FIELD],
  ["a page behind empty lines", "\r\n\r\n<html>", NO_FIELD],
  ["XML with a namespace", "<soap:Envelope>\r\nFrom: x\r\n", NO_FIELD],
  ["compact JSON", '{"error":"Not Found"}', NO_FIELD],
  ["a list in JSON", '[{"id":1}]', NO_FIELD],
  ["an answer in an answer", "HTTP/1.1 200 OK\r\nFrom: x\r\n\r\n", NO_FIELD],
  ["a sentence with a colon", "Cannot answer: the upstream is gone", NO_FIELD],
  ["a line that looks like a field", "Error: Service unavailable", NO_MAIL_FIELD],
  ["an address", "https://login.example.com/", NO_MAIL_FIELD],
  [
    "the fields of a gateway",
    "Status: 503\r\nDate: x\r\nContent-Type: text/html\r\n\r\nFrom: x\r\n",
    NO_MAIL_FIELD,
  ],
])("whyNotMail() does not accept %s as a mail", (_what, text, reason) => {
  equal(whyNotMail(receiveMail(bytes(text))), reason);
});

Deno.test("whyNotMail() bounds the header section, whatever the size of the body", () => {
  const fields = (count: number) => Array.from({ length: count }, () => "X-Field: value");
  const whyNot = (options: MailOptions) => whyNotMail(receiveMail(mailOf(options)));
  equal(whyNot({ headers: fields(100), body: "x".repeat(1_000_000) }), undefined);
  equal(whyNot({ headers: fields(3_000) }), "it has more than 2000 header fields");
  equal(whyNot({ headers: fields(30_000) }), "its header section has more than 262144 bytes");
});
