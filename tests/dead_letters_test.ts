/**
 * `deno task dead-letters`: what it is made of, at the stand-in and, where `TEST_AMQP_URL` names one, at RabbitMQ, each test on
 * queues of its own; and the command itself, beside a whole system of stand-ins.
 *
 * @module
 */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { Buffer } from "node:buffer";
import { DEAD_LETTER_QUEUE, QUEUE } from "@playground/shared/amqp";
import type { EmailDocument } from "@playground/shared/email";
import { contractTargets, integrationTest, waitFor } from "@playground/shared/testing";
import { ROOT } from "@playground/tasks/playground";
import { type ConfirmChannel, connect, type Options } from "amqplib";
import {
  type BrokerSession,
  createRequeue,
  DeadLetterQueue,
  dropAll,
  findDeadLetter,
  openBrokerSession,
  readDeadLetter,
  requeueAll,
  type RequeueOptions,
} from "../tasks/dead_letters/mod.ts";
import { startAmqpBroker } from "../tasks/standins/amqp/mod.ts";
import { startTestSystem, type TestSystem, traceUntil } from "./testing/test_system.ts";

interface Broker extends AsyncDisposable {
  readonly url: string;
}

const TARGETS = contractTargets<Broker>(
  "TEST_AMQP_URL",
  () => startAmqpBroker({ port: 0 }),
  (url) => ({ url, [Symbol.asyncDispose]: () => Promise.resolve() }),
);

/** What a test of the parts works with. */
interface Bench {
  readonly session: BrokerSession;
  /** Where requeued messages arrive. */
  readonly live: string;
  /** The dead letters. */
  readonly dead: string;
  /** Opens one more connection, as another run of the command would. */
  readonly openSession: () => Promise<BrokerSession>;
}

/** Registers a test for both targets. */
function contract(name: string, run: (bench: Bench) => Promise<void>): void {
  for (const { name: target, ignoredBecause, start } of TARGETS) {
    integrationTest(`${name} (${target})`, async () => {
      await using resources = new AsyncDisposableStack();
      const broker = resources.use(await start());
      const openSession = async () =>
        resources.use(await openBrokerSession([new URL(broker.url)], "dead_letters_test"));
      const session = await openSession();
      const dead = `dead-letters-test.${crypto.randomUUID()}`;
      const live = `${dead}.live`;
      for (const queue of [dead, live]) {
        await session.channel.assertQueue(queue, {
          arguments: {
            "x-queue-type": "quorum",
            // As in shared/amqp/topology.ts: looking at a dead letter must never use it up.
            ...(queue === live
              ? { "x-delivery-limit": 1, ...deadLettersTo(dead) }
              : { "x-delivery-limit": 2 ** 31 - 1 }),
          },
        });
        resources.defer(async () => {
          await session.channel.deleteQueue(queue);
        });
      }
      await run({ session, live, dead, openSession });
    }, ignoredBecause === undefined ? {} : { ignoredBecause });
  }
}

function deadLettersTo(queue: string) {
  return {
    "x-dead-letter-exchange": "",
    "x-dead-letter-routing-key": queue,
    "x-dead-letter-strategy": "at-least-once",
    "x-overflow": "reject-publish",
  };
}

function idOf(number: number): string {
  return `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;
}

/** Puts messages into a queue. */
async function put(
  channel: ConfirmChannel,
  queue: string,
  count: number,
  options: Options.Publish = {},
): Promise<void> {
  for (let number = 1; number <= count; number++) {
    channel.sendToQueue(queue, Buffer.from(`{"number":${number}}`), {
      persistent: true,
      messageId: idOf(number),
      ...options,
    });
  }
  await channel.waitForConfirms();
}

/** The ids in a queue, in order, on a channel of its own; everything goes back to its place. */
async function idsIn(queue: string, { openSession }: Bench): Promise<readonly string[]> {
  const { channel } = await openSession();
  const view = new DeadLetterQueue(channel, queue);
  const ids: string[] = [];
  for await (const { properties } of view.messages()) ids.push(String(properties.messageId));
  await view.giveBack();
  return ids;
}

function numbers(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => idOf(index + 1));
}

function requeueOptions({ session, live }: Bench, queue: DeadLetterQueue): RequeueOptions {
  return {
    queue,
    publisher: session.publisher,
    appId: "dead_letters_test/1",
    now: Date.now,
    destination: { exchange: "", routingKey: live },
  };
}

contract("giveBack() keeps the order, however often one looks", async (bench) => {
  await put(bench.session.channel, bench.dead, 200);
  for (let look = 1; look <= 4; look++) {
    deepEqual(await idsIn(bench.dead, bench), numbers(200), `at look ${look}`);
  }
});

contract("giveBack() keeps the order of what was only partly looked through", async (bench) => {
  await put(bench.session.channel, bench.dead, 150);
  const queue = new DeadLetterQueue(bench.session.channel, bench.dead);
  for (const number of [100, 2, 50]) {
    ok(await findDeadLetter(queue, idOf(number)));
    await queue.giveBack();
  }
  deepEqual(await idsIn(bench.dead, bench), numbers(150));
});

contract("looking leaves headers and content as they are", async (bench) => {
  const headers = {
    "X-B3-TraceId": "a".repeat(32),
    "x-attempt": 3,
    "x-dead-reason": "550 no such user",
    "x-dead-at": "2026-11-24T12:00:00.123Z",
    table: { number: 1, list: ["a", true] },
  };
  await put(bench.session.channel, bench.dead, 1, { headers, timestamp: 1_795_000_000 });
  const queue = new DeadLetterQueue(bench.session.channel, bench.dead);
  const looks = [];
  for (let look = 1; look <= 3; look++) {
    for await (const message of queue.messages()) {
      const { deliveryCount: _, ...letter } = await readDeadLetter(message);
      looks.push({ letter, content: message.content.toString() });
    }
    await queue.giveBack();
  }
  equal(looks.length, 3);
  deepEqual(looks[0]?.letter.headers, headers);
  deepEqual(looks[1], looks[0]);
  deepEqual(looks[2], looks[0]);
});

contract("readDeadLetter() tells that the broker gave a message up", async (bench) => {
  const { channel } = bench.session;
  await put(channel, bench.live, 1);
  const queue = new DeadLetterQueue(channel, bench.dead);
  await waitFor("the message is dead", async () => {
    const message = await channel.get(bench.live);
    if (message !== false) channel.nack(message, false, true);
    return await queue.count() === 1;
  });
  for await (const message of queue.messages()) {
    const { id, reason, deadAt } = await readDeadLetter(message);
    equal(id, idOf(1));
    equal(reason, `delivery_limit: RabbitMQ took it out of the queue ${bench.live}`);
    ok(deadAt !== undefined && Math.abs(deadAt.getTime() - Date.now()) < 60_000);
  }
  await queue.giveBack();
});

contract(
  "createRequeue() takes one from the middle and leaves the rest in order",
  async (bench) => {
    await put(bench.session.channel, bench.dead, 60);
    const queue = new DeadLetterQueue(bench.session.channel, bench.dead);
    const message = await findDeadLetter(queue, idOf(40));
    ok(message);
    const requeue = createRequeue(requeueOptions(bench, queue));
    deepEqual(await requeue(message), { status: "requeued", id: idOf(40) });
    await queue.giveBack();
    deepEqual(await idsIn(bench.live, bench), [idOf(40)]);
    deepEqual(await idsIn(bench.dead, bench), numbers(60).filter((id) => id !== idOf(40)));
  },
);

contract("createRequeue() keeps a dead letter that no queue would take", async (bench) => {
  await put(bench.session.channel, bench.dead, 2);
  const queue = new DeadLetterQueue(bench.session.channel, bench.dead);
  const options = {
    ...requeueOptions(bench, queue),
    destination: { exchange: "", routingKey: "nowhere" },
  };
  deepEqual(await requeueAll(options), {
    count: 0,
    failure: {
      status: "failed",
      id: idOf(1),
      reason: "the broker returned the message: no queue is bound",
    },
  });
  await queue.giveBack();
  deepEqual(await idsIn(bench.dead, bench), numbers(2));
});

contract("requeueAll() moves everything, in order", async (bench) => {
  await put(bench.session.channel, bench.dead, 300, { headers: { "x-attempt": 6 } });
  const queue = new DeadLetterQueue(bench.session.channel, bench.dead);
  deepEqual(await requeueAll(requeueOptions(bench, queue)), { count: 300, failure: undefined });
  deepEqual(await idsIn(bench.live, bench), numbers(300));
  equal(await queue.count(), 0);
});

contract("requeueAll() ends although what it requeues dies again at once", async (bench) => {
  await put(bench.session.channel, bench.dead, 50);
  const queue = new DeadLetterQueue(bench.session.channel, bench.dead);
  const options = {
    ...requeueOptions(bench, queue),
    destination: { exchange: "", routingKey: bench.dead },
  };
  equal((await requeueAll(options)).count, 50);
  equal(await queue.count(), 50);
});

contract("who dies between confirm and removal leaves the dead letter as well", async (bench) => {
  await put(bench.session.channel, bench.dead, 3);
  const { channel, publisher } = await bench.openSession();
  const queue = new DeadLetterQueue(channel, bench.dead);
  const [message] = await Array.fromAsync(queue.messages());
  ok(message);
  const requeue = createRequeue({
    ...requeueOptions(bench, queue),
    publisher: {
      publish: async (publication) => {
        const outcome = await publisher.publish(publication);
        await channel.close();
        return outcome;
      },
    },
  });
  // The removal finds its channel closed, as if the process were gone.
  equal(await requeue(message).then(() => "removed", () => "died"), "died");
  deepEqual(await idsIn(bench.live, bench), [idOf(1)]);
  deepEqual((await idsIn(bench.dead, bench)).toSorted(), numbers(3));
});

contract("dropAll() removes everything for good", async (bench) => {
  await put(bench.session.channel, bench.dead, 100);
  equal(await dropAll(new DeadLetterQueue(bench.session.channel, bench.dead)), 100);
  deepEqual(await idsIn(bench.dead, bench), []);
});

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
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      "--allow-net",
      "--allow-read",
      "--allow-env",
      "tasks/dead_letters/main.ts",
      ...args,
      `--amqp=${system.urls.amqp}`,
    ],
    cwd: ROOT,
    env: { NO_COLOR: "1", ZIPKIN_URL: system.urls.zipkin },
    stdin: "null",
  }).output();
  const text = new TextDecoder();
  return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
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
  for (let number = 1; number <= 20; number++) {
    session.channel.sendToQueue(DEAD_LETTER_QUEUE, Buffer.from(JSON.stringify(document)), {
      persistent: true,
      messageId: idOf(number),
      timestamp: 1_795_000_000,
      headers: {
        "x-attempt": 6,
        "x-mail-message-id": `<kept-${number}@example.com>`,
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
  const archived = await system.archived({ emailId: idOf(7) });
  deepEqual(
    archived.map(({ messageId, date }) => [messageId, date]),
    [["<kept-7@example.com>", new Date(1_795_000_000_000)]],
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
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "tasks/dead_letters/main.ts", `--amqp=amqp://me:sEcReT@127.0.0.1:${port}`],
    cwd: ROOT,
    stdin: "null",
  }).output();
  equal(code, 1);
  const text = new TextDecoder().decode(stderr);
  match(text, new RegExp(`^Cannot reach RabbitMQ at 127\\.0\\.0\\.1:${port}: `));
  ok(!text.includes("sEcReT"));
});
