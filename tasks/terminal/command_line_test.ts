import { deepEqual, equal, match, throws } from "node:assert/strict";
import { integrationTest, runDeno } from "@playground/shared/testing";
import { positiveNumber, ratio, url, wholeNumber } from "./command_line.ts";

for (
  const [name, read, good, bad] of [
    ["positiveNumber", positiveNumber, ["1", "2.5"], ["0", "-1", "soon", "", "Infinity"]],
    ["wholeNumber", wholeNumber(1, 10), ["1", "10"], ["0", "11", "1.5", "1e1", "-1", ""]],
    ["ratio", ratio, ["0", "0.3", "1"], ["-0.1", "1.01", " ", "half"]],
    ["url", url, ["http://127.0.0.1:8080"], ["nowhere", ""]],
  ] as const
) {
  Deno.test(`${name}() reads its values and names the valid ones for others`, () => {
    for (const text of good) equal(String(read(text)).replace(/\/$/, ""), text);
    for (const text of bad) throws(() => read(text), /: Give /);
  });
}

integrationTest(
  "a command writes its usage for --help, and says what was meant by a wrong one",
  async () => {
    const load = (option: string) => runDeno(["run", "-A", "tasks/load/main.ts", option]);
    const help = await load("--help");
    deepEqual([help.code, help.stderr], [0, ""]);
    match(help.stdout, /^Usage: deno task load/);
    const wrong = await load("--stata");
    deepEqual([wrong.code, wrong.stdout], [2, ""]);
    match(wrong.stderr, /^Cannot understand the command: .*--stata.*Did you mean --state\?/);
    match(wrong.stderr, /; see deno task load --help\n$/);
  },
);
