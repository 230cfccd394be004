import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import { columnsOf, fit, tableLines, toPrintable, wrap } from "./text.ts";

Deno.test("fit() pads short texts and cuts long ones, never through a wide character", () => {
  equal(fit("abc", 5), "abc  ");
  equal(fit("abcdef", 5), "abcd…");
  equal(fit("你好吗", 5), "你好…");
  equal(fit("你好吗", 4), "你… ");
});

Deno.test("fit() fills exactly the columns asked for, whatever the text", () => {
  const text = fc.string({ unit: "grapheme" }).map(toPrintable);
  fc.assert(fc.property(text, fc.integer({ min: 1, max: 30 }), (text, columns) => {
    equal(columnsOf(fit(text, columns)), columns);
  }));
});

Deno.test("wrap() breaks at spaces, and through words that are too long", () => {
  deepEqual(wrap("the mailbox is full", 10), ["the", "mailbox is", "full"]);
  deepEqual(wrap("abcdefghij kl", 5), ["abcde", "fghij", "kl"]);
  deepEqual(wrap("", 5), []);
});

Deno.test("toPrintable() leaves no character that could steer the terminal", () => {
  equal(toPrintable("\x1b[31mred\x07\r\n\u009b2J\u202Eevil"), "[31mred 2J evil");
});

Deno.test("tableLines() makes each column as wide as its widest text, and ends no line in blanks", () => {
  deepEqual(tableLines([["a", "你好", ""], ["bcd", "e", "f"]]), ["a    你好", "bcd  e     f"]);
});
