import { equal } from "node:assert/strict";
import fc from "fast-check";
import { bytes } from "../testing/mails.ts";
import { LineEndConverter } from "./line_ends.ts";

function convert(pieces: readonly string[], lineEnd: "\n" | "\r\n" = "\n"): string {
  const converter = new LineEndConverter(lineEnd);
  const converted = [...pieces.map((piece) => converter.convert(bytes(piece))), converter.end()];
  return converted.map((piece) => new TextDecoder().decode(piece)).join("");
}

for (
  const [text, expected] of [
    ["a\nb\r\nc\r\r\nd\re", "a\nb\nc\nd\ne"],
    ["\n\n", "\n\n"],
    ["\r\n\r\n", "\n\n"],
    ["\r\r", "\n\n"],
    ["\r\r\r\n", "\n\n"],
    ["a\r", "a\n"],
    ["", ""],
  ] as const
) {
  Deno.test(`LineEndConverter makes ${JSON.stringify(expected)} of ${JSON.stringify(text)}`, () => {
    equal(convert([text]), expected);
    equal(convert([text], "\r\n"), expected.replaceAll("\n", "\r\n"));
  });
}

Deno.test("LineEndConverter converts pieces as it converts the whole", () => {
  const piece = fc.array(fc.constantFrom("\r", "\n", "a")).map((characters) => characters.join(""));
  fc.assert(fc.property(fc.array(piece), (pieces) => {
    const whole = pieces.join("");
    equal(convert(pieces), convert([whole]));
    equal(convert([whole]), whole.replace(/\r{0,2}\n|\r/g, "\n"));
  }));
});
