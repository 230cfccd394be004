import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { type CommandResult, integrationTest, runDeno } from "@playground/shared/testing";
import { onlyMessage, sendMail } from "./testing/mailtrap_client.ts";
import { startMailtrapProcess } from "./testing/mailtrap_process.ts";

const MAIN = fileURLToPath(import.meta.resolve("./main.ts"));

integrationTest(
  "main.ts prints all that a client needs, reports its health, and cleans up",
  async () => {
    await using process = await startMailtrapProcess();
    await sendMail(process);
    await onlyMessage(process);
    assert.match(await (await fetch(process.url)).text(), /<h1><bdi>Inbox<\/bdi><\/h1>/);
    const healthcheck = ["healthcheck", `--api-port=${new URL(process.url).port}`];
    assert.equal((await run(healthcheck)).code, 0);
    assert.equal(await process.end("SIGTERM"), 0);
    await assert.rejects(Deno.stat(process.caFile), Deno.errors.NotFound);
    const { code, stderr } = await run(healthcheck);
    assert.equal(code, 1);
    assert.match(stderr, /^mailtrap-stand-in is not healthy: /);
  },
);

integrationTest("main.ts refuses what is no port", async () => {
  const { code, stderr } = await run(["--api-port", "65536"]);
  assert.equal(code, 2);
  assert.match(stderr, /: --api-port 65536: give a whole number from 0 to 65535; see .* --help/);
});

async function run(args: readonly string[]): Promise<CommandResult> {
  return await runDeno(["run", "--quiet", "-P=standins", MAIN, ...args]);
}
