import { deepEqual, equal, match, ok, throws } from "node:assert/strict";
import { integrationTest, runDeno, serveLocally } from "@playground/shared/testing";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { positiveNumber, ratio, url, wholeNumber } from "./command_line.ts";

for (
  const [name, read, good, bad] of [
    ["positiveNumber", positiveNumber, ["1", "2.5"], ["0", "-1", "soon", "", "Infinity"]],
    ["wholeNumber", wholeNumber(1, 10), ["1", "10"], ["0", "11", "1.5", "1e1", "-1", ""]],
    ["ratio", ratio, ["0", "0.3", "1"], ["-0.1", "1.01", " ", "half"]],
    ["url", url, ["http://127.0.0.1:8080"], ["nowhere", "", "127.0.0.1:8080", "amqp://a"]],
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
    for (
      const [name, args, reason] of [
        ["load", ["--count", "0"], "--count 0: give a whole number of 1 or more"],
        ["compile", ["a 'b'"], "a 'b': allowed choices are message-server, "],
        ["mystery", ["--difficulty", "odd"], "--difficulty odd: allowed choices are easy, "],
        ["lesson", ["99"], "there is no lesson 99; choose 1 to "],
        ["compile", ["--output", "--bundle"], "--output needs a value, and --bundle looks "],
        [
          "compile",
          ["--bundle", "--allow-net", "--help"],
          "--allow-net needs a value, and --help looks ",
        ],
        ["dead_letters", ["list", "--amqp", "--json"], "--amqp needs a value, and --json looks "],
      ] as const
    ) {
      const { stderr } = await runDeno(["run", "-A", `tasks/${name}/main.ts`, ...args]);
      ok(stderr.startsWith(`Cannot understand the command: ${reason}`), stderr);
    }
  },
);

integrationTest("a command ends with a message where the operating system refuses", async () => {
  const file = fileURLToPath(import.meta.url);
  for (
    const [args, refusal] of [
      [["dev", "--state", file], /^Cannot keep the state in .+: .+ \(os error .+; choose another/],
      [["compile", "--output", file], /^Cannot go on: .+ \(os error .+; mend that and try again$/],
      [["trace", dirname(file)], /^Cannot show .+: it is not a trace id.+ \(os error .+; give /],
    ] as const
  ) {
    const [name, ...options] = args;
    const refused = await runDeno(["run", "-A", `tasks/${name}/main.ts`, ...options]);
    deepEqual([refused.code, refused.stdout], [1, ""]);
    match(refused.stderr.trimEnd(), refusal);
  }
});

integrationTest("failWith() writes the stack of a bug, and of an outage a sentence", async () => {
  const module = JSON.stringify(import.meta.resolve("./command_line.ts"));
  for (
    const [code, output] of [
      ["undefined.name", /^TypeError: Cannot read properties of undefined .*\n +at /],
      ["new Array(-1)", /^RangeError: .*\n +at /],
      ["await fetch('http://127.0.0.1:4')", /^Cannot go on: .*; mend that and try again\n$/],
      ["throw new Error('Cannot sing: no voice; rest')", /^Cannot sing: no voice; rest\n$/],
    ] as const
  ) {
    const script = `try { ${code} } catch (error) {
      (await import(${module})).failWith(error);
    }`;
    const { code: exitCode, stderr } = await runDeno(["eval", script]);
    equal(exitCode, 1);
    match(stderr, output);
  }
});

integrationTest("a command reaches this machine past a proxy", async () => {
  await using server = serveLocally(() => Response.json({ faults: [] }));
  const args = ["run", "-A", "tasks/fault/main.ts", "--url", server.url];
  const env = { HTTP_PROXY: "http://127.0.0.1:9", NO_PROXY: "example.org" };
  const { code, stderr } = await runDeno(args, { env });
  deepEqual([code, stderr], [0, ""]);
});
