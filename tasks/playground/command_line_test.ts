import { deepEqual, match } from "node:assert/strict";
import { integrationTest } from "@playground/shared/testing";
import { runOrExit } from "./command_line.ts";
import { ROOT } from "./root.ts";

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
    const run = async (option: string) => {
      const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", `tasks/${folder}/main.ts`, option],
        cwd: ROOT,
        env: { NO_COLOR: "1" },
        stdin: "null",
      }).output();
      const text = new TextDecoder();
      return { code, output: text.decode(stdout), problem: text.decode(stderr) };
    };
    const help = await run("--help");
    deepEqual([help.code, help.problem], [0, ""]);
    match(help.output, /^Usage: deno task /m);
    const wrong = await run("--colour");
    deepEqual([wrong.code, wrong.output], [2, ""]);
    match(wrong.problem, problem);
  });
}
