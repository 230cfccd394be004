import { equal, ok } from "node:assert/strict";
import fc from "fast-check";
import { cutText } from "./mod.ts";

for (
  const [text, maxLength, expected] of [
    ["", 3, ""],
    ["abc", 3, "abc"],
    ["abcd", 3, "ab…"],
    ["ab😀", 3, "ab…"],
    ["a😀b", 4, "a😀b"],
    ["a😀bc", 4, "a😀…"],
    ["a😀bc", 3, "a…"],
  ] as const
) {
  Deno.test(`cutText() makes "${expected}" of "${text}" at ${maxLength}`, () => {
    equal(cutText(text, maxLength), expected);
  });
}

Deno.test("cutText() keeps to its length and splits no character, whatever the text", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.integer({ min: 1, max: 20 }), (text, max) => {
      const cut = cutText(text, max);
      ok(cut.length <= max);
      ok(cut.isWellFormed());
    }),
  );
});
