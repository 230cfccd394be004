import { deepEqual, equal } from "node:assert/strict";
import * as fc from "fast-check";
import { MAX_ADDRESS_OCTETS } from "./address.ts";
import { MAX_BODY_BYTES, MAX_SUBJECT_LENGTH, parseEmailDocument } from "./document.ts";

const SENDER = { address: "alice@example.com", display: "Alice" };
const RECIPIENT = { address: "bob@example.org" };
const DOCUMENT = { sender: SENDER, recipient: RECIPIENT, subject: "Hello", body: "Hello, Bob" };

/** The pointers of a document's problems. */
function pointersOf(value: unknown): readonly string[] {
  const result = parseEmailDocument(value);
  return result.ok ? [] : result.problems.map(({ pointer }) => pointer);
}

/** An address of exactly this many octets. */
function addressOf(octets: number): string {
  const domain = `${"d".repeat(60)}.${"e".repeat(60)}.example.com`;
  return `${"a".repeat(octets - domain.length - 1)}@${domain}`;
}

Deno.test("parseEmailDocument() converts Unicode domains to A-labels", () => {
  const document = { ...DOCUMENT, recipient: { address: "bob@例子.example" } };
  deepEqual(parseEmailDocument(document), {
    ok: true,
    document: { ...DOCUMENT, recipient: { address: "bob@xn--fsqu00a.example" } },
  });
});

Deno.test("parseEmailDocument() ignores unknown members", () => {
  const padded = {
    ...DOCUMENT,
    sender: { ...SENDER, age: 42 },
    priority: "high",
    ["__proto__"]: { body: "other" },
  };
  deepEqual(parseEmailDocument(padded), { ok: true, document: DOCUMENT });
});

Deno.test("parseEmailDocument() accepts any text without header injection", () => {
  const text = fc.string({ unit: "grapheme", minLength: 1, maxLength: 100 })
    .filter((value) => !/[\r\n\0]/.test(value) && value.isWellFormed());
  fc.assert(fc.property(text, text, (subject, body) => {
    deepEqual(
      pointersOf({ ...DOCUMENT, subject, body, sender: { ...SENDER, display: subject } }),
      [],
    );
  }));
});

/** The document with one member, such as `/sender/address`, changed. */
function documentWith(pointer: string, value: unknown): unknown {
  const [, name = "", member] = pointer.split("/");
  const parties: Readonly<Record<string, object>> = { sender: SENDER, recipient: RECIPIENT };
  const changed = member === undefined ? value : { ...parties[name], [member]: value };
  return { ...DOCUMENT, [name]: changed };
}

const edges: readonly (readonly [
  what: string,
  pointer: string,
  textOf: (length: number) => string,
  longest: number,
])[] = [
  ["an address", "/sender/address", addressOf, MAX_ADDRESS_OCTETS],
  ["a display name", "/recipient/display", (length) => "d".repeat(length), MAX_SUBJECT_LENGTH],
  ["a subject", "/subject", (length) => "s".repeat(length), MAX_SUBJECT_LENGTH],
  // JavaScript counts each twice.
  ["a subject of emoji", "/subject", (length) => "👪".repeat(length), MAX_SUBJECT_LENGTH],
  ["a body", "/body", (length) => "b".repeat(length), MAX_BODY_BYTES],
  // Each takes three bytes.
  ["a body of …", "/body", (length) => "…".repeat(length), Math.floor(MAX_BODY_BYTES / 3)],
];
for (const [what, pointer, textOf, longest] of edges) {
  Deno.test(`parseEmailDocument() takes ${what} of the longest length and refuses a longer one`, () => {
    deepEqual(pointersOf(documentWith(pointer, textOf(longest))), []);
    deepEqual(pointersOf(documentWith(pointer, textOf(longest + 1))), [pointer]);
  });
}

for (const value of [null, [], "Hello", 42]) {
  Deno.test(`parseEmailDocument() refuses ${JSON.stringify(value)} in place of a document`, () => {
    deepEqual(pointersOf(value), [""]);
  });
}

const invalid: readonly (readonly [pointer: string, value: unknown, reported?: string])[] = [
  ["/sender", undefined],
  ["/sender", "alice@example.com"],
  ["/sender", { display: "Alice" }, "/sender/address"],
  ["/sender/display", null],
  ["/recipient", [RECIPIENT]],
  ["/recipient/address", "bob"],
  ["/recipient/address", "bob@example.com\r\nBcc: eve@example.com"],
  ["/recipient/address", ["bob@example.com"]],
  ["/subject", undefined],
  ["/subject", ""],
  ["/subject", 1],
  ["/subject", "Hello\r\nBcc: eve@example.com"],
  ["/subject", "Hello\rthere"],
  ["/subject", "Hello\nthere"],
  ["/subject", "Hello\0"],
  ["/subject", "\ud800"],
  ["/sender/display", "A\r\nBcc: eve@example.com"],
  ["/sender/display", "\udfff"],
  ["/body", undefined],
  ["/body", ""],
  ["/body", { text: "Hello" }],
  ["/body", "\ud800 alone"],
];
for (const [pointer, value, reported = pointer] of invalid) {
  Deno.test(`parseEmailDocument() refuses ${JSON.stringify(value)} in ${pointer}`, () => {
    deepEqual(pointersOf(documentWith(pointer, value)), [reported]);
  });
}

Deno.test("parseEmailDocument() reports all problems at once, in words", () => {
  const result = parseEmailDocument({ sender: {}, subject: "a\nb" });
  deepEqual(result, {
    ok: false,
    problems: [
      { pointer: "/sender/address", detail: "must be one email address, such as me@example.com" },
      { pointer: "/recipient", detail: "must be an object with an address" },
      { pointer: "/subject", detail: "must not contain a line end or NUL" },
      { pointer: "/body", detail: "must be a string" },
    ],
  });
});

Deno.test("parseEmailDocument() never throws, whatever JSON it is given", () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => {
    equal(typeof parseEmailDocument(value).ok, "boolean");
  }));
});
