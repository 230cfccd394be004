import { deepEqual, equal, ok } from "node:assert/strict";
import { integrationTest } from "@playground/shared/testing";
import { isScreen } from "@playground/tasks/terminal";
import { ManagedProcess } from "./managed_process.ts";

function start(program: string, environment: Readonly<Record<string, string>> = {}) {
  const lines: string[] = [];
  const process = new ManagedProcess({
    name: "test",
    args: ["eval", "--no-check", program],
    environment,
    onLine: (line) => lines.push(line),
  });
  return { process, lines };
}

integrationTest("ManagedProcess reports every line of both streams, the last one too", async () => {
  const { process, lines } = start(`
    console.log("first");
    console.error("an error");
    await Deno.stdout.write(new TextEncoder().encode("no line end"));
    Deno.exit(3);
  `);
  const { code } = await process.ended;
  equal(code, 3);
  deepEqual(lines.toSorted(), ["an error", "first", "no line end"]);
  await process[Symbol.asyncDispose]();
});

integrationTest("ManagedProcess passes on the given environment, and no other", async () => {
  const { process, lines } = start(`console.log(JSON.stringify(Deno.env.toObject()))`, {
    GIVEN: "1",
  });
  await process.ended;
  const environment = JSON.parse(lines[0] ?? "{}");
  equal(environment.GIVEN, "1");
  ok(!("TEST_AMQP_URL" in environment) && !("USER" in environment) && !("PWD" in environment));
  await process[Symbol.asyncDispose]();
});

integrationTest(
  "ManagedProcess has colours only where this process may draw",
  async () => {
    const { process, lines } = start("console.log(Deno.noColor)");
    await process.ended;
    equal(lines[0], String(Deno.noColor || !isScreen()));
    await process[Symbol.asyncDispose]();
  },
);
