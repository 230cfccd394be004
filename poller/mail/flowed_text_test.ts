import { equal } from "node:assert/strict";
import { joinFlowedLines } from "./flowed_text.ts";

Deno.test.each([
  ["a paragraph", "one \ntwo \nthree\nfour", "one two three\nfour"],
  ["a paragraph that an empty line ends", "one \n\ntwo", "one \ntwo"],
  ["empty lines", "one \n\n\n\ntwo\n", "one \n\n\ntwo\n"],
  ["a quoted paragraph that an empty line ends", "> one \n>\n> two", "> one \n> two"],
  ["a signature", "one \n-- \nme \nhere", "one \n-- \nme here"],
  ["a quoted signature", "> one \n> -- \n> me", "> one \n> -- \n> me"],
  ["stuffed lines", " From \n From\n >x\n  y", "From From\n>x\n y"],
  ["quotes", "> one \n> two\n>> three \nfour", "> one two\n>> three \nfour"],
  ["quotes without blanks", ">one \n>two", ">one two"],
  ["several blanks", "one  \ntwo", "one  two"],
  ["nothing", "", ""],
])("joinFlowedLines() reads %s", (_what, text, expected) => {
  equal(joinFlowedLines(text, false), expected);
});

Deno.test.each([
  ["日 \n本 \n語\n-- \nx", "日本語\n-- \nx"],
  ["> a \n> b", "> ab"],
  ["one \n\ntwo", "one\ntwo"],
  ["one  \ntwo ", "one two "],
])("joinFlowedLines() deletes the blanks at which %j continues", (text, expected) => {
  equal(joinFlowedLines(text, true), expected);
});
