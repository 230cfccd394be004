import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import { bytes } from "../testing/mails.ts";
import { MAX_HEADER_BYTES, splitMail } from "./split_mail.ts";

const LINE_ENDS = ["\r\n", "\n", "\r\r\n", "\r"] as const;

function split(text: string) {
  const { headers, body } = splitMail(bytes(text));
  return { headers, body: new TextDecoder().decode(body) };
}

Deno.test.each(LINE_ENDS)("splitMail() unfolds headers whose lines end in %j", (end) => {
  deepEqual(split(["A: 1", " 2", "\t 3", "B: 4", "", "C: 3", "", "D"].join(end)), {
    headers: [{ name: "A", value: "1 2 3" }, { name: "B", value: "4" }],
    body: ["C: 3", "", "D"].join(end),
  });
});

Deno.test.each(LINE_ENDS.flatMap((end) => LINE_ENDS.map((separator) => [separator, end] as const)))(
  "splitMail() finds the body between %j and lines that end in %j",
  (separator, end) => {
    deepEqual(split(`A: 1${end}B: 2${end}${separator}text: one${end}`), {
      headers: [{ name: "A", value: "1" }, { name: "B", value: "2" }],
      body: `text: one${end}`,
    });
  },
);

Deno.test("splitMail() keeps repeated headers in their order, and their spelling", () => {
  deepEqual(split("Received: a\r\nX-y: b\r\nreceived: c\r\n\r\n").headers, [
    { name: "Received", value: "a" },
    { name: "X-y", value: "b" },
    { name: "received", value: "c" },
  ]);
});

Deno.test.each([
  ["no body", "A: 1\r\n", { A: "1" }, ""],
  ["no line end", "A: 1", { A: "1" }, ""],
  ["no headers", "\r\nBody", {}, "Body"],
  ["nothing", "", {}, ""],
  ["no empty line", "A: 1\r\ntext\r\nB: 2\r\n", { A: "1" }, "text\r\nB: 2\r\n"],
  ["text with a colon", "A: 1\r\nDear Bob: hi\r\n", { A: "1" }, "Dear Bob: hi\r\n"],
  ["an empty header", "A:\r\n\r\n", { A: "" }, ""],
  ["a header whose lines are blank", "A:\r\n \r\n 1\r\n\r\n", { A: "1" }, ""],
  ["colons in a value", "A: b: c\r\n\r\n", { A: "b: c" }, ""],
  ["blanks behind the name", "A \t: 1\r\n\r\n", { A: "1" }, ""],
  ["the line of a mailbox", "From a@b Mon Nov  3 18:23:00 2025\nA: 1\n\n", { A: "1" }, ""],
  ["a bare \\r in a value", "A: 1\r2\r\nB: 3\r\n\r\n", { A: "1\r2", B: "3" }, ""],
  [
    "headers of which some were converted twice",
    "A: 1\r\nB: 2\r\r\nC: 3\r\r\n\r\nx",
    { A: "1", B: "2", C: "3" },
    "x",
  ],
  [
    "bare carriage returns after other line ends",
    "A: 1\r\nB: 2\rC: 3\r\rx\r",
    { A: "1", B: "2", C: "3" },
    "x\r",
  ],
  ["raw UTF-8", "A: fünf ●\r\n\r\n", { A: "fünf ●" }, ""],
  ["encoded words", "A: =?utf-8?Q?=C3=A4?=\r\n\r\n", { A: "=?utf-8?Q?=C3=A4?=" }, ""],
])("splitMail() reads a mail with %s", (_what, text, values, body) => {
  const headers = Object.entries(values).map(([name, value]) => ({ name, value }));
  deepEqual(split(text), { headers, body });
});

Deno.test("splitMail() distinguishes values that differ in one byte", () => {
  const value = (byte: number) => {
    const [header] = splitMail(Uint8Array.of(0x41, 0x3a, 0x78, byte)).headers;
    return header?.value;
  };
  // Neither blank nor line end.
  const values = Array.from({ length: 256 }, (_, byte) => byte)
    .filter((byte) => ![0x09, 0x0a, 0x0d, 0x20].includes(byte)).map(value);
  equal(new Set(values).size, values.length);
});

Deno.test("splitMail() never throws, and finds the body where it is", () => {
  const line = fc.oneof(
    fc.uint8Array({ maxLength: 8 }),
    fc.constantFrom(...["A: 1", "", "\r", " folded", ":", "\t"].map(bytes)),
  );
  fc.assert(fc.property(fc.array(line), fc.constantFrom(...LINE_ENDS), (lines, end) => {
    const raw = Uint8Array.from(lines.flatMap((part) => [...part, ...bytes(end)]));
    const { body } = splitMail(raw);
    deepEqual(body, raw.subarray(raw.length - body.length));
  }));
});

Deno.test("splitMail() treats headers beyond the size limit as body", () => {
  const fields = "X-Many: 1\r\n".repeat(MAX_HEADER_BYTES);
  const { headers, body, isCut } = splitMail(bytes(`A: 1\r\n${fields}\r\n`));
  equal(isCut, true);
  equal(headers[0]?.name, "A");
  equal(headers.length - 1, (fields.length + 2 - body.length) / "X-Many: 1\r\n".length);
});
