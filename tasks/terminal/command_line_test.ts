import { deepEqual, match } from "node:assert/strict";
import { integrationTest, runDeno } from "@playground/shared/testing";
import { runOrExit } from "./command_line.ts";

const TEXTS = { task: "load", purpose: "send", help: "Usage" };

Deno.test("runOrExit() takes what is to be run", () => {
  const run = { kind: "run", arguments: ["a"] } as const;
  deepEqual(runOrExit(run, TEXTS), run);
});

for (
  const [folder, problem] of [
    ["send_email", /^Cannot send: .*--colour.*; see deno task send-email --help$/m],
    ["load", /^Cannot send: .*--colour.*; see deno task load --help$/m],
    ["dead_letters", /^Cannot look after the .*--colour.*; see deno task dead-letters --help$/m],
    ["compile", /^Cannot compile: .*--colour.*; see deno task compile --help$/m],
  ] as const
) {
  integrationTest(`runOrExit() ends ${folder} for --help and for wrong usage`, async () => {
    const run = (option: string) => runDeno(["run", "-A", `tasks/${folder}/main.ts`, option]);
    const help = await run("--help");
    deepEqual([help.code, help.stderr], [0, ""]);
    match(help.stdout, /^Usage: deno task /m);
    const wrong = await run("--colour");
    deepEqual([wrong.code, wrong.stdout], [2, ""]);
    match(wrong.stderr, problem);
  });
}
