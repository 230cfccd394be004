import { equal } from "node:assert/strict";
import fc from "fast-check";
import { bytes } from "../testing/mails.ts";
import { LineEndConverter } from "./line_ends.ts";

function convert(pieces: readonly string[], lineEnd: "\n" | "\r\n"): string {
  const converter = new LineEndConverter(lineEnd);
  const converted = [...pieces.map((piece) => converter.convert(bytes(piece))), converter.end()];
  return converted.map((piece) => new TextDecoder().decode(piece)).join("");
}

Deno.test("LineEndConverter gives all line ends one form, also where they come in pieces", () => {
  const piece = fc.array(fc.constantFrom("\r", "\n", "a")).map((characters) => characters.join(""));
  const form = fc.constantFrom("\n" as const, "\r\n" as const);
  fc.assert(fc.property(fc.array(piece), form, (pieces, lineEnd) => {
    const whole = pieces.join("");
    const expected = whole.replace(/\r{0,2}\n|\r/g, lineEnd);
    equal(convert(pieces, lineEnd), expected);
    equal(convert([whole], lineEnd), expected);
  }));
});
