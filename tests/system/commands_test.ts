/**
 * `deno task dead-letters`, `/api/dead-letters` and `deno task load`, beside a whole system of stand-ins.
 *
 * @module
 */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { Buffer } from "node:buffer";
import { DEAD_LETTER_QUEUE, QUEUE } from "@playground/shared/amqp";
import { type CommandResult, integrationTest, waitFor } from "@playground/shared/testing";
import { openBrokerSession } from "@playground/tasks/clients/broker";
import { FaultsClient } from "@playground/tasks/clients/faults";
import { senderOf } from "@playground/tasks/load";
import { z } from "zod";
import { acceptEmail, BOUNCING, EMAIL } from "../fixture/emails.ts";
import { freePort } from "../fixture/ports.ts";
import { type Steps, takeSteps } from "../fixture/steps.ts";
import { runTask, TaskProcess } from "../fixture/task_process.ts";
import {
  allArchivedOnce,
  isIn,
  startTestSystem,
  type TestSystem,
  traceUntil,
} from "../fixture/test_system.ts";
import { isAs } from "../fixture/traces.ts";
import { getJson } from "../fixture/zipkin.ts";

/** Runs the command beside a system. */
function deadLetters({ system }: TestSystem, ...args: readonly string[]): Promise<CommandResult> {
  const env = { ZIPKIN_URL: system.urls.zipkin };
  return runTask("dead_letters", [...args, `--amqp=${system.urls.amqp}`], env);
}

/** The arguments of `load` beside a system. */
function load({ system: { urls } }: TestSystem, ...args: readonly string[]) {
  const env = { AMQP_URL: urls.amqp, MONGODB_URL: urls.mongodb };
  return ["load", [`--server=${urls.messageServer}`, ...args], env] as const;
}

/** Puts dead letters of emails that could be sent now into the queue. */
async function putDeadLetters(test: TestSystem, count: number) {
  await using session = await openBrokerSession([new URL(test.system.urls.amqp)], "test");
  const emails = Array.from({ length: count }, () => ({ id: crypto.randomUUID() }));
  for (const { id } of emails) {
    session.channel.sendToQueue(DEAD_LETTER_QUEUE, Buffer.from(JSON.stringify(EMAIL)), {
      persistent: true,
      messageId: id,
      timestamp: 1_795_000_000,
      headers: {
        "x-attempt": 6,
        "x-mail-message-id": `<kept-${id}@example.com>`,
        "x-dead-reason": "450 later",
        "x-death": [{ reason: "delivery_limit", queue: QUEUE, count: 1 }],
      },
    });
  }
  await session.channel.waitForConfirms();
  return emails;
}

const deadLetterList = z.object({
  reasons: z.array(z.object({
    reason: z.string(),
    emails: z.array(z.object({ emailId: z.string() })),
  })),
});

const STEPS: Steps<TestSystem> = {
  async "dead-letters lists, shows, requeues and drops an email that bounced"(test) {
    equal((await deadLetters(test)).stdout, "There are no dead letters\n");
    const { id, traceId } = await acceptEmail(test, BOUNCING);
    await traceUntil(test.client, traceId, isIn("dead-lettered"));

    const list = await deadLetters(test, "list");
    equal(list.code, 0, list.stderr);
    match(list.stdout, new RegExp(`\\dZ {2}${id} {9}1 {2}refused for good: 550 no such user`));
    const [listed] = JSON.parse((await deadLetters(test, "list", "--json")).stdout);
    deepEqual([listed.id, listed.traceId, listed.attempts], [id, traceId, 1]);

    const shown = await deadLetters(test, "show", id);
    equal(shown.code, 0, shown.stderr);
    ok(shown.stdout.includes(traceId));
    const whole = await deadLetters(test, "show", id, "--body");
    for (const part of ["me@example.com", "bounce+550", EMAIL.subject, EMAIL.body]) {
      ok(!shown.stdout.includes(part), part);
      ok(whole.stdout.includes(part), part);
    }

    equal((await deadLetters(test, "requeue", id)).stdout, `Requeued ${id}\n`);
    const requeued = isAs([
      { name: "emailer", isFailed: true, minCount: 2, maxCount: 2, tags: { attempt: "1" } },
      { name: "amqp-publish", service: "dead-letters" },
    ]);
    await traceUntil(test.client, traceId, ({ spans }) => requeued(spans));

    equal((await deadLetters(test, "drop", id)).code, 2, "there is no terminal to ask at");
    equal((await deadLetters(test, "drop", id, "--yes")).stdout, `Dropped ${id}\n`);
    const gone = await deadLetters(test, "show", id);
    equal(gone.code, 1);
    const hint = "see deno .* list, with the same --amqp$";
    match(gone.stderr, new RegExp(`Cannot find a dead letter of the email ${id}; ${hint}`, "m"));
  },

  async "dead-letters requeue --all brings mended emails into the archive, and drop --all removes them"(
    test,
  ) {
    const emails = await putDeadLetters(test, 20);
    const { code, stdout, stderr } = await deadLetters(test, "requeue", "--all");
    equal(code, 0, stderr);
    equal(stdout, "Requeued 20 dead letters\n");
    for (const { emailId, messageId, date } of await allArchivedOnce(test.archived, emails)) {
      equal(messageId, `<kept-${emailId}@example.com>`);
      deepEqual(date, new Date(1_795_000_000_000));
    }
    await putDeadLetters(test, 2);
    equal((await deadLetters(test, "drop", "--all", "--yes")).stdout, "Dropped 2 dead letters\n");
    equal((await deadLetters(test, "list", "--json")).stdout, "[]\n");
  },

  async "/api/dead-letters lists, requeues and drops"(test) {
    const url = `${test.system.urls.messageServer}/api/dead-letters`;
    const reasonsOf = async (id: string) => {
      const { reasons } = deadLetterList.parse(await getJson(url));
      return reasons.filter(({ emails }) => emails.some(({ emailId }) => emailId === id));
    };
    const bounced = await acceptEmail(test, BOUNCING);
    await waitFor("it is listed", async () => (await reasonsOf(bounced.id)).length > 0);
    const [listed] = await reasonsOf(bounced.id);
    match(listed?.reason ?? "", /^refused for good: 550 no such user/);

    const command = async (action: "requeue" | "drop") => {
      const response = await fetch(url, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ action, emailIds: [bounced.id] }),
      });
      equal(response.status, 200);
      const { results }: { results: readonly { status: string }[] } = await response.json();
      return results.map(({ status }) => status);
    };
    deepEqual(await command("requeue"), ["requeued"]);
    const requeued = isAs([
      { name: "emailer", isFailed: true, minCount: 2, maxCount: 2 },
      { name: "amqp-publish", service: "message-server", minCount: 2, maxCount: 2 },
    ]);
    await traceUntil(test.client, bounced.traceId, ({ spans }) => requeued(spans));
    deepEqual(await command("drop"), ["dropped"]);
    await waitFor("no page lists it", async () => (await reasonsOf(bounced.id)).length === 0);
    deepEqual(await command("drop"), ["gone"]);
  },

  async "load sends good and bad emails and tells how all of them ended"(test) {
    // Emails of other runs, which are not counted.
    await acceptEmail(test);
    const { traceId } = await acceptEmail(test, BOUNCING);
    await traceUntil(test.client, traceId, isIn("dead-lettered"));
    const { code, stdout, stderr } = await runTask(
      ...load(test, "--count=60", "--bad-ratio=0.1", "--json"),
    );
    const summary = JSON.parse(stdout);
    deepEqual([code, stderr], [0, ""], stdout);
    deepEqual(
      [summary.end, summary.accepted, summary.delivered, summary.archived, summary.deadLettered],
      ["complete", 60, 54, 54, 6],
    );
    deepEqual([summary.failed, summary.sampleSize, summary.problems], [0, 54, []]);
    equal((await test.archived({ "from.address": senderOf(summary.runId) })).length, 54);
  },

  async "load ends with its summary at Ctrl-C"(test) {
    const { length: before } = await test.archived();
    await using process = new TaskProcess(...load(test, "--rate=50", "--duration=600"));
    const isArchived = async () => (await test.archived()).length > before;
    await waitFor("some emails are archived", isArchived);
    process.child.kill("SIGINT");
    const code = await process.exitCode;
    ok(code === 0 || code === 3, process.output);
    // The open requests are answered by then.
    match(process.output, /^accepted +\d+ in (?!0 µs)/m);
  },

  async "load exits with 3 when emails do not come through in time"(test) {
    const faults = new FaultsClient(new URL(test.system.urls.faults ?? ""));
    equal((await faults.set("mailtrap-api.reply", {})).status, "ok");
    // On a slow machine not all are delivered in time.
    await waitFor("all are delivered", async () => {
      const { code, stdout, stderr } = await runTask(...load(test, "--count=5", "--timeout=1"));
      deepEqual([code, stderr], [3, ""], stdout);
      match(stdout, /^archived +0 of 5$/m);
      match(stdout, /there was no more progress in time$/m);
      return /^delivered +5$/m.test(stdout);
    });
  },
};

integrationTest("dead-letters and load beside a system", async (context) => {
  await using test = await startTestSystem();
  await takeSteps(context, test, STEPS);
});

integrationTest("dead-letters says that no broker answers", async () => {
  const port = freePort();
  const amqp = `--amqp=amqp://me:sEcReT@127.0.0.1:${port}`;
  const { code, stderr } = await runTask("dead_letters", [amqp]);
  equal(code, 1);
  match(stderr, new RegExp(`^Cannot reach RabbitMQ at 127\\.0\\.0\\.1:${port}: `));
  ok(!stderr.includes("sEcReT"));
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
