import { deepEqual, equal } from "node:assert/strict";
import * as fc from "fast-check";
import { MAX_ADDRESS_OCTETS } from "./address.ts";
import { MAX_BODY_BYTES, MAX_SUBJECT_LENGTH, parseEmailDocument } from "./document.ts";

const SENDER = { address: "alice@example.com", display: "Alice" };
const RECIPIENT = { address: "bob@example.org" };
const DOCUMENT = { sender: SENDER, recipient: RECIPIENT, subject: "Hello", body: "Hello, Bob" };

/** Where a document is wrong, or `[]` when it is not. */
function pointersOf(value: unknown): readonly string[] {
  const result = parseEmailDocument(value);
  return result.ok ? [] : result.problems.map(({ pointer }) => pointer);
}

/** An address of exactly so many octets. */
function addressOf(octets: number): string {
  const domain = `${"d".repeat(60)}.${"e".repeat(60)}.example.com`;
  return `${"a".repeat(octets - domain.length - 1)}@${domain}`;
}

Deno.test("parseEmailDocument() takes a document as it is", () => {
  deepEqual(parseEmailDocument(DOCUMENT), { ok: true, document: DOCUMENT });
});

Deno.test("parseEmailDocument() makes A-labels of domains in Unicode", () => {
  const document = { ...DOCUMENT, recipient: { address: "bob@例子.example" } };
  deepEqual(parseEmailDocument(document), {
    ok: true,
    document: { ...DOCUMENT, recipient: { address: "bob@xn--fsqu00a.example" } },
  });
});

Deno.test("parseEmailDocument() ignores members that it does not know", () => {
  const padded = {
    ...DOCUMENT,
    sender: { ...SENDER, age: 42 },
    priority: "high",
    ["__proto__"]: { body: "other" },
  };
  deepEqual(parseEmailDocument(padded), { ok: true, document: DOCUMENT });
});

Deno.test("parseEmailDocument() takes any text that is no header injection", () => {
  const text = fc.string({ unit: "grapheme", minLength: 1, maxLength: 100 })
    .filter((value) => !/[\r\n\0]/.test(value) && value.isWellFormed());
  fc.assert(fc.property(text, text, (subject, body) => {
    deepEqual(
      pointersOf({ ...DOCUMENT, subject, body, sender: { ...SENDER, display: subject } }),
      [],
    );
  }));
});

/** What is repeated how often at most, and how one unit more is reported. */
const edges: readonly (readonly [
  name: string,
  pointer: string,
  of: (length: number) => unknown,
  longest: number,
])[] = [
  [
    "an address",
    "/sender/address",
    (length) => ({ ...DOCUMENT, sender: { address: addressOf(length) } }),
    MAX_ADDRESS_OCTETS,
  ],
  [
    "a display name",
    "/recipient/display",
    (length) => ({ ...DOCUMENT, recipient: { ...RECIPIENT, display: "d".repeat(length) } }),
    MAX_SUBJECT_LENGTH,
  ],
  [
    "a subject",
    "/subject",
    (length) => ({ ...DOCUMENT, subject: "s".repeat(length) }),
    MAX_SUBJECT_LENGTH,
  ],
  [
    "a subject of characters that JavaScript counts twice",
    "/subject",
    (length) => ({ ...DOCUMENT, subject: "👪".repeat(length) }),
    MAX_SUBJECT_LENGTH,
  ],
  ["a body", "/body", (length) => ({ ...DOCUMENT, body: "b".repeat(length) }), MAX_BODY_BYTES],
  [
    "a body of characters that take three bytes each",
    "/body",
    (length) => ({ ...DOCUMENT, body: "…".repeat(length) }),
    Math.floor(MAX_BODY_BYTES / 3),
  ],
];
for (const [name, pointer, of, longest] of edges) {
  Deno.test(`parseEmailDocument() takes ${name} of the longest length and refuses a longer one`, () => {
    deepEqual(pointersOf(of(longest)), []);
    deepEqual(pointersOf(of(longest + 1)), [pointer]);
  });
}

const party = (address: unknown) => ({ ...DOCUMENT, recipient: { address } });
const invalid: readonly [pointer: string, document: unknown][] = [
  ["", null],
  ["", []],
  ["", "Hello"],
  ["", 42],
  ["/sender", { ...DOCUMENT, sender: undefined }],
  ["/sender", { ...DOCUMENT, sender: "alice@example.com" }],
  ["/sender/address", { ...DOCUMENT, sender: { display: "Alice" } }],
  ["/sender/display", { ...DOCUMENT, sender: { ...SENDER, display: null } }],
  ["/recipient", { ...DOCUMENT, recipient: [RECIPIENT] }],
  ["/recipient/address", party("bob")],
  ["/recipient/address", party("bob@example.com\r\nBcc: eve@example.com")],
  ["/recipient/address", party(["bob@example.com"])],
  ["/subject", { ...DOCUMENT, subject: undefined }],
  ["/subject", { ...DOCUMENT, subject: "" }],
  ["/subject", { ...DOCUMENT, subject: 1 }],
  ["/subject", { ...DOCUMENT, subject: "Hello\r\nBcc: eve@example.com" }],
  ["/subject", { ...DOCUMENT, subject: "Hello\rthere" }],
  ["/subject", { ...DOCUMENT, subject: "Hello\nthere" }],
  ["/subject", { ...DOCUMENT, subject: "Hello\0" }],
  ["/subject", { ...DOCUMENT, subject: "\ud800" }],
  ["/sender/display", { ...DOCUMENT, sender: { ...SENDER, display: "A\r\nBcc: eve@example.com" } }],
  ["/sender/display", { ...DOCUMENT, sender: { ...SENDER, display: "\udfff" } }],
  ["/body", { ...DOCUMENT, body: undefined }],
  ["/body", { ...DOCUMENT, body: "" }],
  ["/body", { ...DOCUMENT, body: { text: "Hello" } }],
  ["/body", { ...DOCUMENT, body: "\ud800 alone" }],
];
for (const [index, [pointer, document]] of invalid.entries()) {
  const text = JSON.stringify(document)?.slice(0, 160);
  Deno.test(`parseEmailDocument() refuses "${pointer}" of #${index}: ${text}`, () => {
    deepEqual(pointersOf(document), [pointer]);
  });
}

Deno.test("parseEmailDocument() tells all problems at once, in words", () => {
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
