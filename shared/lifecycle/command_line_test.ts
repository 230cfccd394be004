import { deepEqual, equal } from "node:assert/strict";
import {
  type CommandResult,
  integrationTest,
  runDeno,
  serveLocally,
} from "@playground/shared/testing";
import { answerHealth, type Readiness } from "./health.ts";

/** Runs a program that answers the command line, or else prints that it starts. */
async function run(args: readonly string[], health: string): Promise<CommandResult> {
  const program = `
    import { answerCommandLine } from "@playground/shared/lifecycle";
    await answerCommandLine({ service: "mail-poller", health: () => (${health}) });
    console.log("started");
  `;
  return await runDeno(["eval", "--no-check", program, ...args]);
}

integrationTest("answerCommandLine() returns for anything else, and reads nothing", async () => {
  const { code, stdout, stderr } = await run(
    ["--once"],
    `(() => { throw new Error("the configuration was read") })()`,
  );
  deepEqual([code, stdout, stderr], [0, "started\n", ""]);
});

integrationTest("answerCommandLine() asks with healthcheck and healthcheck --ready", async () => {
  let readiness: Readiness = { ready: false, reason: "Cannot use RabbitMQ: it is away" };
  await using server = serveLocally(async (request) =>
    await answerHealth(request, { readiness: () => readiness, lostSpanCount: () => 0 }) ??
      new Response()
  );
  const health = `{ hostname: "127.0.0.1", port: ${new URL(server.url).port} }`;
  const result = async (...args: readonly string[]) => {
    const { code, stdout, stderr } = await run(["healthcheck", ...args], health);
    return [code, stdout + stderr];
  };
  deepEqual(await result(), [0, ""]);
  deepEqual(await result("--ready"), [
    1,
    "mail-poller is not ready: Cannot use RabbitMQ: it is away\n",
  ]);
  readiness = { ready: true };
  deepEqual(await result("--ready"), [0, ""]);
});

for (const hostname of ["0.0.0.0", "::1"]) {
  integrationTest(`answerCommandLine() asks a service that listens on ${hostname}`, async () => {
    // The tests themselves may listen on 127.0.0.1 only.
    const serve =
      `Deno.serve({ hostname: "${hostname}", port: 0, onListen() {} }, () => new Response())`;
    const health = `{ hostname: "${hostname}", port: ${serve}.addr.port }`;
    const { code, stderr } = await run(["healthcheck"], health);
    equal(code, 0, stderr);
  });
}
