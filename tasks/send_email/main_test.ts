import { deepEqual, equal, match } from "node:assert/strict";
import { integrationTest, waitFor } from "@playground/shared/testing";

/** `script` of util-linux gives a command a terminal. */
const NEEDS_LINUX = Deno.build.os === "linux" ? {} : { ignoredBecause: "it needs Linux" };

/** Runs the command on a terminal: each key is pressed once its question is there. Returns what was posted. */
async function sendFromTerminal(args: string, keys: readonly (readonly [string, string])[]) {
  const posted: unknown[] = [];
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      posted.push(await request.json());
      return Response.json({ title: "Enough", detail: "seen" }, { status: 503 });
    },
  );
  const command = `stty cols 80 rows 24; "${Deno.execPath()}" run -A tasks/send_email/main.ts ` +
    `--server http://127.0.0.1:${server.addr.port} ${args}`;
  const child = new Deno.Command("script", {
    args: ["--quiet", "--return", "--command", command, "/dev/null"],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  let output = "";
  const read = (async () => {
    for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) output += text;
  })();
  const keyboard = child.stdin.getWriter();
  for (const [question, key] of keys) {
    await waitFor(`it asks: ${question}`, () => output.includes(question));
    await keyboard.write(new TextEncoder().encode(key));
  }
  await read;
  await keyboard.close();
  const { code } = await child.status;
  return { posted, output, code };
}

integrationTest("send-email asks on a terminal for what is missing", async () => {
  const { posted, output, code } = await sendFromTerminal("--to you@example.com --body Hello", [
    ["From", "\r"],
    ["Subject", "Tea\r"],
  ]);
  deepEqual(posted, [{
    sender: { address: "me@example.com" },
    recipient: { address: "you@example.com" },
    subject: "Tea",
    body: "Hello",
  }]);
  match(output, /Enough: seen/);
  equal(code, 1);
}, NEEDS_LINUX);

integrationTest("send-email sends nothing after Ctrl-C at a question", async () => {
  const { posted, output, code } = await sendFromTerminal("", [["From", "\r"], ["To", "\x03"]]);
  match(output, /Nothing was sent/);
  deepEqual([posted, code, output.includes("Subject")], [[], 1, false]);
}, NEEDS_LINUX);
