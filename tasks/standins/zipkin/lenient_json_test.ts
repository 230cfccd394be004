import { deepEqual, equal, throws } from "node:assert/strict";
import fc from "fast-check";
import { parseLenientJson } from "./lenient_json.ts";

Deno.test("parseLenientJson() reads all JSON as JSON.parse does", () => {
  fc.assert(fc.property(fc.json(), (text) => {
    deepEqual(withoutDigits(parseLenientJson(text)), withoutDigits(JSON.parse(text)));
  }));
});

/** Numbers as texts, since some come as such. */
function withoutDigits(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value),
    (_key, item) => typeof item === "number" ? String(item) : item,
  );
}

Deno.test("parseLenientJson() takes every control character within a text", () => {
  const text = Array.from({ length: 32 }, (_, code) => String.fromCharCode(code)).join("");
  deepEqual(parseLenientJson(`["${text}", "\\"${text}\\\\"]`), [text, `"${text}\\`]);
});

for (const digits of ["1.0", "1.50", "1e5", "-0", "12345678901234567890"]) {
  Deno.test(`parseLenientJson() keeps the digits of ${digits}`, () => {
    deepEqual(parseLenientJson(`{"a" : ${digits}}`), { a: digits });
  });
}

Deno.test("parseLenientJson() reads the first value only", () => {
  deepEqual(parseLenientJson('[{"a":"]"}]\u0000[2'), [{ a: "]" }]);
});

Deno.test("parseLenientJson() takes a text of a million escapes and line ends", () => {
  const text = parseLenientJson(`["${"\\n\n".repeat(1_000_000)}"]`);
  equal(Array.isArray(text) && text[0] === "\n".repeat(2_000_000), true);
});

for (const text of ["", "[", '["', '["a', "[1,]", "[01]", "[1.]", "[\u0000]", "{1:2}", "]"]) {
  Deno.test(`parseLenientJson() refuses ${JSON.stringify(text)}`, () => {
    throws(() => parseLenientJson(text), SyntaxError);
  });
}
