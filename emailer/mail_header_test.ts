import { equal, match, ok } from "node:assert/strict";
import fc from "fast-check";
import { mailboxHeader, textHeader } from "./mail_header.ts";

const ADDRESS = "someone@example.com";

/** Display names and subjects that an email document's schema accepts. */
const headerText = fc.string({ unit: "binary" }).map((text) => text.replace(/[\r\n\0]/g, ""));

Deno.test.each([
  ["Hello, world: (it's) 100% <plain>", "Hello, world: (it's) 100% <plain>"],
  ["Grüße", "=?UTF-8?Q?Gr=C3=BC=C3=9Fe?="],
  [" blank before", "=?UTF-8?Q?_blank_before?="],
  ["blank after ", "=?UTF-8?Q?blank_after=20?="],
  ["two  blanks", "=?UTF-8?Q?two__blanks?="],
  ["tab\there", "=?UTF-8?Q?tab=09here?="],
  ["=?UTF-8?Q?x?=", "=?UTF-8?Q?=3D=3FUTF-8=3FQ=3Fx=3F=3D?="],
  ["\ufeffmark", "=?UTF-8?Q?=EF=BB=BF=EF=BB=BFmark?="],
  ["in \ufeffside", "=?UTF-8?Q?in_=EF=BB=BFside?="],
])("textHeader() writes %j as %s, which no reader changes", (text, words) => {
  equal(textHeader("Subject", text), `Subject: ${words}\r\n`);
});

Deno.test("textHeader() folds long plain text at its blanks", () => {
  const text = Array.from({ length: 60 }, (_, index) => `word${index}`).join(" ");
  const header = textHeader("Subject", text);
  equal(header.replaceAll("\r\n ", " "), `Subject: ${text}\r\n`);
  const lines = header.trimEnd().split("\r\n");
  ok(lines.length > 5 && lines.every((line) => line.length <= 76), header);
});

Deno.test("textHeader() ends no encoded word within a character", () => {
  fc.assert(fc.property(headerText, (text) => {
    for (const [, word = ""] of textHeader("Subject", text).matchAll(/=\?UTF-8\?Q\?(.*?)\?=/g)) {
      // It throws for half a character.
      decodeURIComponent(word.replaceAll("=", "%"));
    }
  }));
});

Deno.test("mailboxHeader() leaves the longest address on the line of the header's name", () => {
  const address = `${"a".repeat(64)}@${"b".repeat(185)}.org`;
  equal(mailboxHeader("To", { address }), `To: ${address}\r\n`);
  equal(mailboxHeader("To", { address, display: "Jane" }), `To: Jane\r\n <${address}>\r\n`);
});

Deno.test("mailboxHeader() leaves a plain name readable, and an address alone without brackets", () => {
  const display = "Jane O'Neill-Smith 2";
  equal(mailboxHeader("From", { address: ADDRESS, display }), `From: ${display} <${ADDRESS}>\r\n`);
  equal(mailboxHeader("To", { address: ADDRESS, display: "" }), `To: ${ADDRESS}\r\n`);
});

Deno.test("a header consists of short lines of printable ASCII, whatever the text", () => {
  fc.assert(fc.property(headerText, (text) => {
    for (
      const header of [
        textHeader("Subject", text),
        mailboxHeader("From", { address: ADDRESS, display: text }),
      ]
    ) {
      match(header, /^(Subject|From):( [\x21-\x7e]+(\r\n)?)*( ?\r\n)$/);
      ok(header.split("\r\n").every((line) => line.length <= 76), header);
    }
  }));
});
