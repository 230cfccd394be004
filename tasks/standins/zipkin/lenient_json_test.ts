import { deepEqual, equal, throws } from "node:assert/strict";
import fc from "fast-check";
import { parseLenientJson } from "./lenient_json.ts";

Deno.test("parseLenientJson() reads all JSON as JSON.parse does", () => {
  fc.assert(fc.property(fc.json(), (text) => {
    deepEqual(withoutDigits(parseLenientJson(text)), withoutDigits(JSON.parse(text)));
  }));
});

/** Numbers as texts, since some arrive as texts. */
function withoutDigits(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value),
    (_key, item) => typeof item === "number" ? String(item) : item,
  );
}

Deno.test("parseLenientJson() reads the first value only", () => {
  deepEqual(parseLenientJson('[{"a":"]"}]\u0000[2'), [{ a: "]" }]);
});

Deno.test("parseLenientJson() takes a text of a million escapes and line ends", () => {
  const text = parseLenientJson(`["${"\\n\n".repeat(1_000_000)}"]`);
  equal(Array.isArray(text) && text[0] === "\n".repeat(2_000_000), true);
});

Deno.test("parseLenientJson() refuses what has no end or no beginning", () => {
  for (const text of ["", "[", '["', '["a', "]"]) throws(() => parseLenientJson(text), SyntaxError);
});
