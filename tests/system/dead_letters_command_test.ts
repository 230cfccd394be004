/**
 * `deno task dead-letters` itself, beside a whole system of stand-ins.
 *
 * @module
 */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { Buffer } from "node:buffer";
import { DEAD_LETTER_QUEUE, QUEUE } from "@playground/shared/amqp";
import type { EmailDocument } from "@playground/shared/email";
import { type CommandResult, integrationTest, runDeno, waitFor } from "@playground/shared/testing";
import { connect } from "amqplib";
import { openBrokerSession } from "@playground/tasks/clients/broker";
import { startTestSystem, type TestSystem, traceUntil } from "../fixture/test_system.ts";

const DOCUMENT: EmailDocument = {
  sender: { address: "me@example.com" },
  recipient: { address: "bounce+550+no+such+user@example.com" },
  subject: "Grüße 👋",
  body: "Nobody else's business",
};

/** Runs the command beside a system. */
async function deadLetters(
  { system }: TestSystem,
  ...args: readonly string[]
): Promise<CommandResult> {
  return await runDeno(
    [
      "run",
      "--no-prompt",
      "--allow-net",
      "--allow-read",
      "--allow-env",
      "tasks/dead_letters/main.ts",
      ...args,
      `--amqp=${system.urls.amqp}`,
    ],
    { env: { ZIPKIN_URL: system.urls.zipkin } },
  );
}

/** Sends an email that bounces and waits until it is dead. */
async function dieOnce({ client }: TestSystem): Promise<{ id: string; traceId: string }> {
  const result = await client.postEmail(DOCUMENT);
  if (result.status !== "accepted") throw new Error(JSON.stringify(result));
  const { id, traceId } = result.email;
  await traceUntil(client, traceId, ({ state }) => state.name === "dead-lettered");
  return { id, traceId };
}

integrationTest("dead-letters lists, shows, requeues and drops an email that bounced", async () => {
  await using system = await startTestSystem();
  equal((await deadLetters(system)).stdout, "There are no dead letters\n");
  const { id, traceId } = await dieOnce(system);

  const list = await deadLetters(system, "list");
  equal(list.code, 0, list.stderr);
  match(list.stdout, new RegExp(`\\dZ {2}${id} {9}1 {2}refused for good: 550 no such user`));
  const [listed] = JSON.parse((await deadLetters(system, "list", "--json")).stdout);
  deepEqual([listed.id, listed.traceId, listed.attempts], [id, traceId, 1]);

  const shown = await deadLetters(system, "show", id);
  equal(shown.code, 0, shown.stderr);
  ok(shown.stdout.includes(traceId));
  for (const secret of ["me@example.com", "bounce+550", DOCUMENT.subject, DOCUMENT.body]) {
    ok(!shown.stdout.includes(secret), secret);
  }
  const whole = await deadLetters(system, "show", id, "--body");
  for (const part of ["me@example.com", "bounce+550", DOCUMENT.subject, DOCUMENT.body]) {
    ok(whole.stdout.includes(part), part);
  }

  equal((await deadLetters(system, "requeue", id)).stdout, `Requeued ${id}\n`);
  const { spans } = await traceUntil(
    system.client,
    traceId,
    ({ spans }) => spans.filter(({ name }) => name === "emailer").length === 2,
  );
  deepEqual(
    spans.filter(({ name }) => name === "emailer").map(({ tags }) => tags?.attempt),
    ["1", "1"],
  );
  ok(
    spans.some(({ name, localEndpoint }) =>
      name === "amqp-publish" && localEndpoint?.serviceName === "dead-letters"
    ),
    "the requeuing is part of the trace",
  );

  equal((await deadLetters(system, "drop", id)).code, 2, "there is no terminal to ask at");
  equal((await deadLetters(system, "drop", id, "--yes")).stdout, `Dropped ${id}\n`);
  const gone = await deadLetters(system, "show", id);
  equal(gone.code, 1);
  match(
    gone.stderr,
    new RegExp(
      `Cannot find a dead letter of the email ${id}; see deno .* list, with the same --amqp$`,
      "m",
    ),
  );
});

integrationTest("dead-letters requeue --all brings mended emails into the archive", async () => {
  await using system = await startTestSystem();
  const url = new URL(system.system.urls.amqp);
  await using session = await openBrokerSession([url], "dead_letters_test");
  const document = { ...DOCUMENT, recipient: { address: "you@example.com" } };
  const ids = Array.from({ length: 20 }, () => crypto.randomUUID());
  for (const id of ids) {
    session.channel.sendToQueue(DEAD_LETTER_QUEUE, Buffer.from(JSON.stringify(document)), {
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
  const { code, stdout, stderr } = await deadLetters(system, "requeue", "--all");
  equal(code, 0, stderr);
  equal(stdout, "Requeued 20 dead letters\n");
  await waitFor("all are archived", async () => (await system.archived()).length === 20, 30_000);
  const archived = await system.archived({ emailId: ids[6] });
  deepEqual(
    archived.map(({ messageId, date }) => [messageId, date]),
    [[`<kept-${ids[6]}@example.com>`, new Date(1_795_000_000_000)]],
  );
  equal((await deadLetters(system, "list", "--json")).stdout, "[]\n");
  equal((await deadLetters(system, "drop", "--all", "--yes")).stdout, "Dropped 0 dead letters\n");
});

integrationTest("dead-letters gives a killed run's dead letters back", async () => {
  await using system = await startTestSystem();
  const { id } = await dieOnce(system);
  const url = new URL(system.system.urls.amqp);
  const connection = await connect(url.href);
  const channel = await connection.createChannel();
  ok(await channel.get(DEAD_LETTER_QUEUE), "another run looks at it");
  equal((await deadLetters(system, "show", id)).code, 1);
  await connection.close();
  equal((await deadLetters(system, "show", id)).code, 0);
});

integrationTest("dead-letters says that no broker answers", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  const { code, stderr } = await runDeno(
    ["run", "-A", "tasks/dead_letters/main.ts", `--amqp=amqp://me:sEcReT@127.0.0.1:${port}`],
  );
  equal(code, 1);
  match(stderr, new RegExp(`^Cannot reach RabbitMQ at 127\\.0\\.0\\.1:${port}: `));
  ok(!stderr.includes("sEcReT"));
});
