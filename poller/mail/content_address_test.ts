import { equal, notEqual } from "node:assert/strict";
import fc from "fast-check";
import { bytes } from "../testing/mails.ts";
import { contentAddress } from "./content_address.ts";
import { splitMail } from "./split_mail.ts";

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
const LINE_ENDS = ["\r\n", "\n", "\r\r\n", "\r"] as const;

async function addressOf(lines: readonly string[], end = "\r\n"): Promise<string> {
  return await contentAddress(splitMail(bytes(lines.join(end))));
}

function changed(from: RegExp, to: string): readonly string[] {
  return LINES.map((line) => line.replace(from, to));
}

Deno.test.each([
  // SHA-256 of `16:<id@example.com>27:Sender <sender@example.com>21:recipient@example.com7:Subject11:Body\r\n\r\nEnd`.
  ["", LINES, "2166ace08bd839f600f59f4f64c425bcde0e94578e26dc46c742986042e865e1"],
  // SHA-256 of `0:27:Sender <sender@example.com>21:recipient@example.com7:Subject31:Tue, 24 Nov 2026 12:00:00 +00004:Body`.
  [
    " without a Message-ID",
    LINES.slice(1, 7),
    "0ff89d93a4d93a28e3c449e5199fe3d5cd213b5145bd462dc0b963e810ed873e",
  ],
])("contentAddress() never changes for a mail%s", async (_what, lines, address) => {
  equal(await addressOf(lines), address);
});

Deno.test.each([
  ["trailing line ends", [...LINES, "", "", ""]],
  ["an added Received header", ["Received: by mx.example.com", ...LINES]],
  ["trace headers", ["X-B3-TraceId: 1", "X-Sent-At-Us: 2", ...LINES]],
  ["another Date beside a Message-ID", changed(/12:00/, "13:00")],
  ["a folded header", changed(/Sender </, "Sender\r\n <")],
  ["the spelling of a header's name", changed(/^Subject:/, "SUBJECT:")],
  ["the order of the headers", [...LINES.slice(0, 5).toReversed(), ...LINES.slice(5)]],
  ["a second Subject", [...LINES.slice(0, 5), "Subject: other", ...LINES.slice(5)]],
  ["an empty Message-ID beside the other", ["Message-ID: <>", ...LINES]],
])("contentAddress() does not depend on %s", async (_what, lines) => {
  equal(await addressOf(lines), await addressOf(LINES));
});

Deno.test.each([
  ["the Message-ID", changed(/<id@/, "<other@")],
  ["the sender", changed(/^From: Sender/, "From: Other")],
  ["the recipient", changed(/^To: recipient/, "To: other")],
  ["the subject", changed(/^Subject: Subject/, "Subject: Other")],
  ["the body", changed(/^Body/, "Other")],
  ["a blank at the end of a line", changed(/^Body/, "Body ")],
  ["an empty line within the body", [...LINES.slice(0, 8), "", ...LINES.slice(8)]],
  ["having a Message-ID", LINES.slice(1)],
])("contentAddress() depends on %s", async (_what, lines) => {
  notEqual(await addressOf(lines), await addressOf(LINES));
});

Deno.test.each([
  "Message-ID:",
  "Message-ID: <>",
  "message-id: < >",
  "Message-ID: \r\n ",
  "X-Other: 1",
])("contentAddress() depends on the Date of a mail with %j", async (header) => {
  const lines = [header, ...LINES.slice(1)];
  const later = lines.map((line) => line.replace("12:00", "13:00"));
  notEqual(await addressOf(lines), await addressOf(later));
  equal(await addressOf(lines), await addressOf(LINES.slice(1)));
});

Deno.test("contentAddress() differs for bodies that differ in more than line ends", async () => {
  const piece = fc.oneof(
    fc.constantFrom("\r", "\n", "\r\n", "a", "b", " ", ":", "A: b", ""),
    fc.string({ unit: "binary", maxLength: 4 }),
  );
  const body = fc.array(piece).map((pieces) => pieces.join(""));
  const end = fc.constantFrom(...LINE_ENDS);
  const mailWith = (text: string, lineEnd: string) =>
    bytes(`${LINES.slice(0, 5).join(lineEnd)}${lineEnd}${lineEnd}${text}`);
  const comparable = (text: string) => text.replace(/\r\n|\r|\n/g, "\n").replace(/\n+$/, "");
  await fc.assert(fc.asyncProperty(body, body, end, async (one, other, lineEnd) => {
    const addresses = [one, other].map((text) =>
      contentAddress(splitMail(mailWith(text, lineEnd)))
    );
    const [first, second] = await Promise.all(addresses);
    if (comparable(one) !== comparable(other)) notEqual(first, second);
  }));
});

Deno.test("contentAddress() does not depend on how lines of the body end", async () => {
  const line = fc.string({ unit: "binary" }).map((text) => text.replace(/[\r\n]/g, ""));
  await fc.assert(fc.asyncProperty(fc.array(line), async (body) => {
    const headers = LINES.slice(0, 6);
    equal(await addressOf([...headers, ...body], "\n"), await addressOf([...headers, ...body]));
  }));
});

Deno.test("contentAddress() does not depend on line ends where a large mail is cut", async () => {
  const lines = Array.from({ length: 300_000 }, (_, index) => "x".repeat(index % 3));
  const mail = [...LINES, ...lines, "End"];
  equal(await addressOf(mail, "\n"), await addressOf(mail));
});

Deno.test("contentAddress() lets no part run into the next", async () => {
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
  await fc.assert(fc.asyncProperty(parts, parts, async (one, other) => {
    const same = one.every((value, index) => value === other[index]);
    equal(await address(one) === await address(other), same);
  }));
  notEqual(await address(["ab", "c", "", "", ""]), await address(["a", "bc", "", "", ""]));
});
