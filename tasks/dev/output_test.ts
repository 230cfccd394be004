import { deepEqual, equal } from "node:assert/strict";
import { stripVTControlCharacters } from "node:util";
import { prefixedOutput, table } from "./output.ts";

Deno.test("table() makes columns of one width and no space at the ends of lines", () => {
  equal(table([["a", "bcd", "e"], ["fgh", "i", ""]]), "  a    bcd  e\n  fgh  i");
});

Deno.test("table() of no rows is empty", () => {
  equal(table([]), "");
});

Deno.test("prefixedOutput() writes each line behind its part's name", () => {
  const written: string[] = [];
  const { log } = console;
  console.log = (line: string) => written.push(stripVTControlCharacters(line));
  try {
    const outputOf = prefixedOutput(["server", "poller-and-more"]);
    outputOf("server")("one");
    outputOf("poller-and-more")("two");
  } finally {
    console.log = log;
  }
  deepEqual(written, ["server          │ one", "poller-and-more │ two"]);
});
