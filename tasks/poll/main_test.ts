import { equal } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { integrationTest, serveLocally, temporaryFolder } from "@playground/shared/testing";

const MAIN = fileURLToPath(import.meta.resolve("./main.ts"));

integrationTest("Ctrl-C ends deno task poll and its poller, whatever Mailtrap does", async () => {
  const asked = Promise.withResolvers<void>();
  const gone = Promise.withResolvers<Response>();
  await using mailtrap = serveLocally(({ signal }) => {
    signal.addEventListener("abort", () => gone.resolve(new Response()));
    asked.resolve();
    return gone.promise;
  });
  await using state = await temporaryFolder();
  await using poll = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "-A", MAIN, `--state=${state.path}`],
    env: {
      MONGODB_URL: "mongodb://127.0.0.1:9",
      MAILTRAP_URL: mailtrap.url,
      MAILTRAP_BOXID: "1",
      MAILTRAP_TOKEN: "t",
    },
    stdout: "null",
  }).spawn();
  await asked.promise;
  poll.kill("SIGINT");
  equal((await poll.status).code, 130);
  await gone.promise;
});
