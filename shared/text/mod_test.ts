import { equal, ok } from "node:assert/strict";
import fc from "fast-check";
import { cutText } from "./mod.ts";

Deno.test.each([
  ["", "", 3],
  ["abc", "abc", 3],
  ["ab…", "abcd", 3],
  ["ab…", "ab😀", 3],
  ["a😀b", "a😀b", 4],
  ["a😀…", "a😀bc", 4],
  ["a…", "a😀bc", 3],
])('cutText() makes "%s" of "%s" at %s', (expected, text, maxLength) => {
  equal(cutText(text, maxLength), expected);
});

Deno.test("cutText() keeps to its length and splits no character, whatever the text", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.integer({ min: 1, max: 20 }), (text, max) => {
      const cut = cutText(text, max);
      ok(cut.length <= max);
      ok(cut.isWellFormed());
    }),
  );
});
