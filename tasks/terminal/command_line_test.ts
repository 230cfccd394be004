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

integrationTest("deno task load --help writes the usage to standard output", async () => {
  const { code, stdout, stderr } = await runDeno(["run", "-A", "tasks/load/main.ts", "--help"]);
  deepEqual([code, stderr], [0, ""]);
  match(stdout, /^Usage: deno task load/);
});

for (
  const task of [
    "compile",
    "dead-letters",
    "dev",
    "doctor",
    "fault",
    "lesson",
    "load",
    "poll",
    "send-email",
    "trace",
  ]
) {
  integrationTest(
    `deno task ${task} ends with exit code 2 for wrong usage and says what was meant`,
    async () => {
      const main = `tasks/${task.replace("-", "_")}/main.ts`;
      const { code, stdout, stderr } = await runDeno(["run", "-A", main, "--stata"]);
      deepEqual([code, stdout], [2, ""]);
      match(stderr, /^Cannot understand the command: .*--stata/);
      match(stderr, new RegExp(`see deno task ${task} --help\n$`));
      if (task !== "compile") match(stderr, /Did you mean --state\?/);
    },
  );
}
