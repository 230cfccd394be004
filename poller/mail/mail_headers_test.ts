import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import { bytes } from "../testing/mails.ts";
import { mailHeaderReader, splitMail } from "./mail_headers.ts";

/** Splits a mail written as text. */
function split(text: string) {
  const { headers, body } = splitMail(bytes(text));
  return { headers, body: new TextDecoder().decode(body) };
}

for (const [name, end] of [["CRLF", "\r\n"], ["LF", "\n"]] as const) {
  Deno.test(`splitMail() splits a mail with ${name} at its first empty line`, () => {
    deepEqual(split(["A: 1", "B: 2", "", "C: 3", "", "D"].join(end)), {
      headers: [{ name: "A", value: "1" }, { name: "B", value: "2" }],
      body: ["C: 3", "", "D"].join(end),
    });
  });

  Deno.test(`splitMail() unfolds headers with ${name}`, () => {
    deepEqual(split(`A: 1${end} 2${end}\t 3${end}B: 4${end}${end}`).headers, [
      { name: "A", value: "1 2 3" },
      { name: "B", value: "4" },
    ]);
  });
}

Deno.test("splitMail() keeps repeated headers in their order, and their spelling", () => {
  deepEqual(split("Received: a\r\nX-y: b\r\nreceived: c\r\n\r\n").headers, [
    { name: "Received", value: "a" },
    { name: "X-y", value: "b" },
    { name: "received", value: "c" },
  ]);
});

for (
  const [what, text, headers, body] of [
    ["no body", "A: 1\r\n", [{ name: "A", value: "1" }], ""],
    ["no line end", "A: 1", [{ name: "A", value: "1" }], ""],
    ["no headers", "\r\nBody", [], "Body"],
    ["nothing", "", [], ""],
    ["lines that are no headers", "no header\r\n: none\r\nA: 1\r\n\r\n", [{
      name: "A",
      value: "1",
    }], ""],
    ["an empty header", "A:\r\n\r\n", [{ name: "A", value: "" }], ""],
    ["colons in a value", "A: b: c\r\n\r\n", [{ name: "A", value: "b: c" }], ""],
    ["blanks around the name", " A : 1\r\n\r\n", [{ name: "A", value: "1" }], ""],
  ] as const
) {
  Deno.test(`splitMail() reads a mail with ${what}`, () => {
    deepEqual(split(text), { headers, body });
  });
}

Deno.test("splitMail() tells values apart that differ in one byte", () => {
  const value = (byte: number) => {
    const [header] = splitMail(Uint8Array.of(0x41, 0x3a, 0x78, byte)).headers;
    return header?.value;
  };
  // Neither blank nor line end.
  const values = Array.from({ length: 256 }, (_, byte) => byte)
    .filter((byte) => ![0x09, 0x0a, 0x20].includes(byte)).map(value);
  equal(new Set(values).size, values.length);
});

Deno.test("splitMail() never throws, and finds the body where it is", () => {
  const line = fc.oneof(
    fc.uint8Array({ maxLength: 8 }),
    fc.constantFrom(...["A: 1", "", "\r", " folded", ":", "\t"].map(bytes)),
  );
  fc.assert(fc.property(fc.array(line), fc.constantFrom("\n", "\r\n"), (lines, end) => {
    const raw = Uint8Array.from(lines.flatMap((part) => [...part, ...bytes(end)]));
    const { body } = splitMail(raw);
    deepEqual(body, raw.subarray(raw.length - body.length));
  }));
});

Deno.test("splitMail() takes no longer than it should for blanks in a header", () => {
  const { headers } = split(`A: ${" ".repeat(200_000)}x${" ".repeat(200_000)}x\r\n\r\n`);
  equal(headers[0]?.value.length, 200_002);
});

Deno.test("mailHeaderReader() reads by lower-case name the first of each", () => {
  const read = mailHeaderReader([{ name: "X-A", value: "1" }, { name: "x-a", value: "2" }]);
  equal(read("x-a"), "1");
  equal(read("x-b"), undefined);
});
