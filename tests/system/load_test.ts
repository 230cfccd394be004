/**
 * `deno task load`: what it counts, and the command itself beside a whole system of stand-ins.
 *
 * @module
 */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { integrationTest, waitFor } from "@playground/shared/testing";
import { openArchiveCounter } from "@playground/tasks/clients/archive";
import { FaultsClient } from "@playground/tasks/clients/faults";
import { senderOf } from "@playground/tasks/load";
import { startMongodb } from "../../tasks/standins/mongodb/mod.ts";
import { contractTests } from "../fixture/contract_targets.ts";
import { acceptEmail, BOUNCING } from "../fixture/emails.ts";
import { openOwnDatabase } from "../fixture/mongodb.ts";
import { freePort } from "../fixture/ports.ts";
import { type Steps, takeSteps } from "../fixture/steps.ts";
import { runTask, TaskProcess } from "../fixture/task_process.ts";
import { isIn, startTestSystem, type TestSystem, traceUntil } from "../fixture/test_system.ts";

contractTests("TEST_MONGODB_URL", () => startMongodb({ port: 0 }))(
  (target) =>
    `openArchiveCounter() counts all mails since the start, and the run's emails, each once and none that is dead (${target})`,
  async (server) => {
    await using resources = new AsyncDisposableStack();
    const { url, database } = openOwnDatabase(server.url, resources);
    const archive = database.collection("raw");
    const mailFrom = (address: string, emailId: string | null) => ({
      from: { address, name: "" },
      emailId,
    });
    await archive.insertOne(mailFrom(senderOf("before"), "a"));
    const counter = resources.use(await openArchiveCounter(url, senderOf("run")));
    deepEqual([await counter.estimate(), await counter.exact()], [0, 0]);
    await archive.insertMany([
      ...["b", "b", "c", null].map((emailId) => mailFrom(senderOf("run"), emailId)),
      mailFrom("somebody@example.com", "d"),
    ]);
    deepEqual([await counter.estimate(), await counter.exact()], [5, 2]);
    equal(await counter.exact(new Set(["c"])), 1);
  },
);

/** The command beside a system. */
function load({ system: { urls } }: TestSystem, ...args: readonly string[]) {
  const env = { AMQP_URL: urls.amqp, MONGODB_URL: urls.mongodb };
  return ["load", [`--server=${urls.messageServer}`, ...args], env] as const;
}

const STEPS: Steps<TestSystem> = {
  async "load sends good and bad emails and tells how all of them ended"(system) {
    // Those of others, which are not counted.
    await acceptEmail(system);
    const { traceId } = await acceptEmail(system, BOUNCING);
    await traceUntil(system.client, traceId, isIn("dead-lettered"));
    const { code, stdout, stderr } = await runTask(
      ...load(system, "--count=60", "--bad-ratio=0.1", "--json"),
    );
    const summary = JSON.parse(stdout);
    deepEqual([code, stderr], [0, ""], stdout);
    deepEqual(
      [summary.end, summary.accepted, summary.delivered, summary.archived, summary.deadLettered],
      ["complete", 60, 54, 54, 6],
    );
    deepEqual([summary.failed, summary.sampleSize, summary.problems], [0, 54, []]);
    equal((await system.archived({ "from.address": senderOf(summary.runId) })).length, 54);
  },

  async "load ends with its summary at Ctrl-C"(system) {
    const { length: before } = await system.archived();
    await using process = new TaskProcess(...load(system, "--rate=50", "--duration=600"));
    const isArchived = async () => (await system.archived()).length > before;
    await waitFor("some emails are archived", isArchived, 30_000);
    process.child.kill("SIGINT");
    const code = await process.exitCode;
    ok(code === 0 || code === 3, process.output);
    // The open requests are answered by then.
    match(process.output, /^accepted +\d+ in (?!0 µs)/m);
  },

  async "load exits with 3 when emails do not come through in time"(system) {
    const faults = new FaultsClient(new URL(system.system.urls.faults ?? ""));
    equal((await faults.set("mailtrap-api.reply", {})).status, "ok");
    const { code, stdout, stderr } = await runTask(...load(system, "--count=5", "--timeout=1"));
    deepEqual([code, stderr], [3, ""], stdout);
    match(stdout, /^delivered +5$/m);
    match(stdout, /^archived +0 of 5$/m);
    match(stdout, /there was no more progress in time$/m);
  },
};

integrationTest("load beside a system", async (context) => {
  await using system = await startTestSystem();
  await takeSteps(context, system, STEPS);
});

integrationTest(
  "load exits with 1 when the server is away, with 2 for a wrong option",
  async () => {
    const server = `http://127.0.0.1:${freePort()}`;
    const { code, output } = await runTask("load", ["--server", server, "--count", "2"]);
    equal(code, 1);
    match(output, /2 × no answer/);
    const wrong = await runTask("load", ["--rate", "fast"]);
    equal(wrong.code, 2);
    match(wrong.output, /: --rate fast: give a number above 0, such as 10; see .*--help/);
  },
);
