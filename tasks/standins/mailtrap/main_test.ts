import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { integrationTest, runDeno } from "@playground/shared/testing";
import { linesOf } from "@playground/tasks/system";
import { MailtrapClient } from "./testing/mailtrap_client.ts";

const COMMAND = ["run", "--quiet", "-P=standins", fileURLToPath(import.meta.resolve("./main.ts"))];

integrationTest(
  "main.ts prints all that a client needs, reports its health, and cleans up",
  async () => {
    await using process = new Deno.Command(Deno.execPath(), {
      args: [...COMMAND, "--smtp-port=0", "--api-port=0"],
      stdout: "piped",
    }).spawn();
    const printed: Record<string, string> = {};
    for await (const line of linesOf(process.stdout)) {
      const [name = "", value = ""] = line.split("=");
      printed[name] = value;
      if (name === "MAILTRAP_ACCOUNT_ID") break;
    }
    const { MAILTRAP_URL: url = "", SMTP_CA: caFile = "" } = printed;
    const variables = { ...printed, SMTP_CA: await Deno.readTextFile(caFile) };
    const client = new MailtrapClient({ variables });
    await client.send();
    await client.only();
    assert.match(await (await fetch(url)).text(), /<h1><bdi>Inbox<\/bdi><\/h1>/);
    const healthcheck = [...COMMAND, "healthcheck", `--api-port=${new URL(url).port}`];
    assert.equal((await runDeno(healthcheck)).code, 0);
    process.kill("SIGTERM");
    assert.equal((await process.status).code, 0);
    await assert.rejects(Deno.stat(caFile), Deno.errors.NotFound);
    const { code, stderr } = await runDeno(healthcheck);
    assert.equal(code, 1);
    assert.match(stderr, /^mailtrap-stand-in is not healthy: /);
  },
);
