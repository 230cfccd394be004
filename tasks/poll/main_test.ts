import { equal } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { integrationTest, temporaryFolder, waitFor } from "@playground/shared/testing";

const MAIN = fileURLToPath(import.meta.resolve("./main.ts"));

integrationTest("Ctrl-C ends deno task poll and its poller, whatever Mailtrap does", async () => {
  using mailtrap = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  await using state = await temporaryFolder();
  await using poll = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "-A", MAIN, `--state=${state.path}`],
    env: {
      MONGODB_URL: "mongodb://127.0.0.1:9",
      MAILTRAP_URL: `http://127.0.0.1:${mailtrap.addr.port}`,
      MAILTRAP_BOXID: "1",
      MAILTRAP_TOKEN: "t",
    },
    stdout: "null",
  }).spawn();
  const { readable } = await mailtrap.accept();
  poll.kill("SIGINT");
  equal((await poll.status).code, 130);
  let hasEnded = false;
  const reading = Array.fromAsync(readable).finally(() => hasEnded = true);
  await waitFor("the poller has ended", () => hasEnded);
  await reading.catch(() => {});
});
