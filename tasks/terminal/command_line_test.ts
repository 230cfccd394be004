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
  Deno.test(`${name}() reads its values and says of others what to give`, () => {
    for (const text of good) equal(String(read(text)).replace(/\/$/, ""), text);
    for (const text of bad) throws(() => read(text), /: Give /);
  });
}

for (
  const [folder, task] of [
    ["send_email", "send-email"],
    ["load", "load"],
    ["dead_letters", "dead-letters"],
    ["compile", "compile"],
    ["fault", "fault"],
    ["trace", "trace"],
    ["poll", "poll"],
    ["dev", "dev"],
    ["doctor", "doctor"],
    ["lesson", "lesson"],
  ] as const
) {
  integrationTest(`deno task ${task} ends for --help and for wrong usage`, async () => {
    const run = (option: string) => runDeno(["run", "-A", `tasks/${folder}/main.ts`, option]);
    const [help, wrong] = await Promise.all([run("--help"), run("--stata")]);
    deepEqual([help.code, help.stderr], [0, ""]);
    match(help.stdout, new RegExp(`^Usage: deno task ${task}`));
    deepEqual([wrong.code, wrong.stdout], [2, ""]);
    match(wrong.stderr, /^Cannot understand the command: .*--stata/);
    match(wrong.stderr, new RegExp(`see deno task ${task} --help\n$`));
    if (task !== "compile") match(wrong.stderr, /Did you mean --state\?/);
  });
}
