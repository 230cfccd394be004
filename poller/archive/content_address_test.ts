import { equal, notEqual } from "node:assert/strict";
import fc from "fast-check";
import { bytes } from "../testing/mails.ts";
import { contentAddress } from "./content_address.ts";
import { splitMail } from "../mail/mail_headers.ts";

const LINES = [
  "Message-ID: <id@example.com>",
  "Date: Tue, 24 Nov 2026 12:00:00 +0000",
  "From: Sender <sender@example.com>",
  "To: recipient@example.com",
  "Subject: Subject",
  "",
  "Body",
  "",
  "End",
] as const;

/** The address of a mail made of lines. */
function addressOf(lines: readonly string[], end = "\r\n"): string {
  return contentAddress(splitMail(bytes(lines.join(end))));
}

/** The lines with one of them changed. */
function changed(from: RegExp, to: string): readonly string[] {
  return LINES.map((line) => line.replace(from, to));
}

Deno.test("contentAddress() is this for this mail, for ever", () => {
  // SHA-256 of `16:<id@example.com>27:Sender <sender@example.com>21:recipient@example.com7:Subject11:Body\r\n\r\nEnd`.
  equal(addressOf(LINES), "2166ace08bd839f600f59f4f64c425bcde0e94578e26dc46c742986042e865e1");
});

Deno.test("contentAddress() is this for this mail without a Message-ID, for ever", () => {
  // SHA-256 of `0:27:Sender <sender@example.com>21:recipient@example.com7:Subject31:Tue, 24 Nov 2026 12:00:00 +00004:Body`.
  equal(
    addressOf([...LINES.slice(1, 7)]),
    "0ff89d93a4d93a28e3c449e5199fe3d5cd213b5145bd462dc0b963e810ed873e",
  );
});

for (
  const [what, lines, end] of [
    ["trailing line ends", [...LINES, "", "", ""], "\r\n"],
    ["bare line feeds", LINES, "\n"],
    ["an added Received header", ["Received: by mx.example.com", ...LINES], "\r\n"],
    ["trace headers", ["X-B3-TraceId: 1", "X-Sent-At-Us: 2", ...LINES], "\r\n"],
    ["another Date beside a Message-ID", changed(/12:00/, "13:00"), "\r\n"],
    ["a folded header", changed(/Sender </, "Sender\r\n <"), "\r\n"],
    ["the spelling of a header's name", changed(/^Subject:/, "SUBJECT:"), "\r\n"],
    ["the order of the headers", [...LINES.slice(0, 5).toReversed(), ...LINES.slice(5)], "\r\n"],
    ["a second Subject", [...LINES.slice(0, 5), "Subject: other", ...LINES.slice(5)], "\r\n"],
  ] as const
) {
  Deno.test(`contentAddress() does not depend on ${what}`, () => {
    equal(addressOf(lines, end), addressOf(LINES));
  });
}

for (
  const [what, lines] of [
    ["the Message-ID", changed(/<id@/, "<other@")],
    ["the sender", changed(/^From: Sender/, "From: Other")],
    ["the recipient", changed(/^To: recipient/, "To: other")],
    ["the subject", changed(/^Subject: Subject/, "Subject: Other")],
    ["the body", changed(/^Body/, "Other")],
    ["a blank at the end of a line", changed(/^Body/, "Body ")],
    ["an empty line within the body", [...LINES.slice(0, 8), "", ...LINES.slice(8)]],
    ["having a Message-ID", LINES.slice(1)],
  ] as const
) {
  Deno.test(`contentAddress() depends on ${what}`, () => {
    notEqual(addressOf(lines), addressOf(LINES));
  });
}

Deno.test("contentAddress() depends on the Date of a mail without a Message-ID", () => {
  notEqual(addressOf(changed(/12:00/, "13:00").slice(1)), addressOf(LINES.slice(1)));
});

Deno.test("contentAddress() lets no part run into the next", () => {
  const part = fc.stringMatching(/^[a-z0-9:]{0,4}$/);
  const parts = fc.tuple(part, part, part, part, part);
  const address = ([id, from, to, subject, body]: readonly string[]) =>
    addressOf([
      `Message-ID: ${id}`,
      `From: ${from}`,
      `To: ${to}`,
      `Subject: ${subject}`,
      "",
      `${body}`,
    ]);
  fc.assert(fc.property(parts, parts, (one, other) => {
    const same = one.every((value, index) => value === other[index]);
    equal(address(one) === address(other), same);
  }));
  notEqual(address(["ab", "c", "", "", ""]), address(["a", "bc", "", "", ""]));
});

Deno.test("contentAddress() does not depend on how lines of the body end", () => {
  const lines = fc.array(fc.string({ unit: "binary" }).map((text) => text.replace(/[\r\n]/g, "")));
  fc.assert(fc.property(lines, (body) => {
    const headers = LINES.slice(0, 6);
    equal(
      addressOf([...headers, ...body], "\n"),
      addressOf([...headers, ...body], "\r\n"),
    );
  }));
});
