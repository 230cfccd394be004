/**
 * `deno task load`: what it counts, and the command itself beside a whole system of stand-ins.
 *
 * @module
 */
import { deepEqual, equal, match } from "node:assert/strict";
import { Buffer } from "node:buffer";
import { DEAD_LETTER_QUEUE, declareTopology, QUEUE, retryQueue } from "@playground/shared/amqp";
import { integrationTest, resultOf, runDeno, startDeno, waitFor } from "@playground/shared/testing";
import { connect } from "amqplib";
import { ArchiveCounter } from "@playground/tasks/clients/archive";
import { QueueCounter } from "@playground/tasks/clients/broker";
import { FaultsClient } from "@playground/tasks/clients/faults";
import { createEmailMix, senderOf } from "@playground/tasks/load";
import { startAmqpBroker } from "../../tasks/standins/amqp/mod.ts";
import { startMongodb } from "../../tasks/standins/mongodb/mod.ts";
import { contractTests } from "../fixture/contract_targets.ts";
import { acceptEmail } from "../fixture/emails.ts";
import { openOwnDatabase } from "../fixture/mongodb.ts";
import { freePort } from "../fixture/ports.ts";
import { type Steps, takeSteps } from "../fixture/steps.ts";
import { startTestSystem, type TestSystem } from "../fixture/test_system.ts";

contractTests("TEST_MONGODB_URL", () => startMongodb({ port: 0 }))(
  (target) =>
    `ArchiveCounter counts all mails since the start, and the run's emails, each once and none that is dead (${target})`,
  async (server) => {
    await using resources = new AsyncDisposableStack();
    const { url, database } = openOwnDatabase(server.url, resources);
    const archive = database.collection("raw");
    const mailFrom = (address: string, emailId: string | null) => ({
      from: { address, name: "" },
      emailId,
    });
    await archive.insertOne(mailFrom(senderOf("before"), "a"));
    const counter = resources.use(await ArchiveCounter.open(url, senderOf("run")));
    deepEqual([await counter.estimate(), await counter.exact()], [0, 0]);
    await archive.insertMany([
      ...["b", "b", "c", null].map((emailId) => mailFrom(senderOf("run"), emailId)),
      mailFrom("somebody@example.com", "d"),
    ]);
    deepEqual([await counter.estimate(), await counter.exact()], [5, 2]);
    equal(await counter.exact(new Set(["c"])), 1);
  },
);

integrationTest("QueueCounter counts what waits and what is dead, and the run's dead", async () => {
  await using resources = new AsyncDisposableStack();
  const broker = resources.use(await startAmqpBroker({ port: 0 }));
  const connection = resources.adopt(await connect(broker.url), (open) => open.close());
  const channel = await connection.createConfirmChannel();
  const delay = { text: "1h", milliseconds: 3_600_000 };
  await declareTopology(channel, [delay]);
  const put = async (queue: string, runId: string, messageId: string = crypto.randomUUID()) => {
    const { document } = createEmailMix(runId, { badRatio: 1, bodySizeBytes: 1 })(0);
    const content = Buffer.from(JSON.stringify(document));
    channel.sendToQueue(queue, content, { persistent: true, messageId });
    await channel.waitForConfirms();
  };
  await put(DEAD_LETTER_QUEUE, "before");
  const counter = resources.use(
    await QueueCounter.open({
      urls: [new URL(broker.url)],
      retryDelays: [delay, { text: "2h", milliseconds: 7_200_000 }],
      sender: senderOf("run"),
    }),
  );
  deepEqual(await counter.estimate(), { deadLettered: 0, waiting: 0 });

  await put(QUEUE, "run");
  await put(retryQueue(delay), "run");
  const id = crypto.randomUUID();
  for (const [runId, messageId] of [["run", id], ["run", id], ["other", undefined]] as const) {
    await put(DEAD_LETTER_QUEUE, runId, messageId);
  }
  channel.sendToQueue(DEAD_LETTER_QUEUE, Buffer.from("no email"));
  await channel.waitForConfirms();
  deepEqual(await counter.estimate(), { deadLettered: 4, waiting: 2 });
  deepEqual(await counter.deadLettered(), new Set([id]));
  deepEqual(await counter.estimate(), { deadLettered: 4, waiting: 2 });
});

/** The command beside a system. */
function startLoad({ system }: TestSystem, ...args: readonly string[]): Deno.ChildProcess {
  return startDeno(
    [
      "run",
      "--no-prompt",
      "--allow-net",
      "--allow-read",
      "--allow-env",
      "tasks/load/main.ts",
      `--server=${system.urls.messageServer}`,
      ...args,
    ],
    { env: { AMQP_URL: system.urls.amqp, MONGODB_URL: system.urls.mongodb } },
  );
}

const STEPS: Steps<TestSystem> = {
  async "load sends good and bad emails and tells how all of them ended"(system) {
    // Somebody else's mail, which is not counted.
    await acceptEmail(system);
    const { code, stdout, stderr } = await resultOf(
      startLoad(system, "--count=60", "--bad-ratio=0.1", "--json"),
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
    const child = startLoad(system, "--rate=50", "--duration=600");
    const result = resultOf(child);
    const isArchived = async () => (await system.archived()).length > before;
    await waitFor("some emails are archived", isArchived, 30_000);
    child.kill("SIGINT");
    const { code, stdout, stderr } = await result;
    equal(code === 0 || code === 3, true, stdout);
    equal(stderr, "");
    // The open requests are answered by then.
    match(stdout, /^accepted +\d+ in (?!0 µs)/m);
  },

  async "load exits with 3 when emails do not come through in time"(system) {
    const faults = new FaultsClient(new URL(system.system.urls.faults ?? ""));
    equal((await faults.set("mailtrap-api.reply", {})).status, "ok");
    const { code, stdout, stderr } = await resultOf(startLoad(system, "--count=5", "--timeout=1"));
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
    const run = (...args: readonly string[]) =>
      runDeno(["run", "-A", "tasks/load/main.ts", ...args]);
    const away = await run("--server", `http://127.0.0.1:${freePort()}`, "--count", "2");
    equal(away.code, 1);
    match(away.output, /2 × no answer/);
    const wrong = await run("--rate", "fast");
    equal(wrong.code, 2);
    match(wrong.output, /: --rate fast: give a number above 0, such as 10; see .*--help/);
  },
);
