/**
 * The parts of `deno task dead-letters` and of the page's dead letters, at the stand-in and, where `TEST_AMQP_URL` names
 * one, at RabbitMQ, each test on queues of its own.
 *
 * @module
 */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { Publication } from "@playground/shared/amqp";
import {
  DeadLetterQueue,
  type DeadLetterResult,
  DeadLetters,
  requeue,
} from "@playground/server/dead-letters";
import { startTestTracing } from "@playground/shared/testing/telemetry";
import { waitFor } from "@playground/shared/testing";
import {
  type BrokerSession,
  openBrokerSession,
  readDeadLetter,
} from "@playground/tasks/clients/broker";
import type { ConfirmChannel, GetMessage, Options } from "amqplib";
import { contract as brokerContract, deadLetterTo, messagesWait } from "../fixture/amqp.ts";
import { TcpProxy } from "../fixture/tcp_proxy.ts";

interface Bench {
  readonly session: BrokerSession;
  /** Where requeued messages arrive. */
  readonly live: string;
  readonly dead: string;
  readonly queue: DeadLetterQueue;
  /** Opens one more connection, as another run of the command would. */
  readonly openSession: (address?: string) => Promise<BrokerSession>;
  /** The network between such a connection and the broker. */
  readonly proxy: TcpProxy;
}

function contract(name: string, run: (bench: Bench) => Promise<void>): void {
  brokerContract(name, async (broker, channel) => {
    await using resources = new AsyncDisposableStack();
    const proxy = resources.use(new TcpProxy(broker.url));
    const openSession = async (address = broker.url) =>
      resources.use(await openBrokerSession([new URL(address)], "dead_letters_test"));
    const session = await openSession();
    // As in shared/amqp/topology.ts: looking at a dead letter must never use it up.
    const dead = await broker.queue(channel, { "x-delivery-limit": 2 ** 31 - 1 }, "dead");
    const table = { ...deadLetterTo(dead), "x-delivery-limit": 1 };
    const live = await broker.queue(channel, table, "live");
    const queue = resources.use(await DeadLetterQueue.open(session.connection, dead));
    await run({ session, live, dead, queue, openSession, proxy });
  });
}

function idOf(number: number): string {
  return `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;
}

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

/**
 * The ids in a queue, in order, on a channel of its own, once there are this many: RabbitMQ requeues later than it answers.
 * Everything goes back to its place.
 */
async function idsIn(
  queue: string,
  { openSession }: Bench,
  count: number,
): Promise<readonly string[]> {
  const { connection, channel } = await openSession();
  await messagesWait(channel, queue, count);
  await using view = await DeadLetterQueue.open(connection, queue);
  const ids: string[] = [];
  for await (const { properties } of view.messages()) ids.push(String(properties.messageId));
  return ids;
}

function numbers(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => idOf(index + 1));
}

function requeueOptions({ session, queue, live }: Bench, routingKey = live) {
  return {
    remove: (message: GetMessage) => queue.remove(message),
    publisher: session.publisher,
    appId: "dead_letters_test/1",
    destination: { exchange: "", routingKey },
  };
}

contract("giveBack() keeps the order, however often and far one looks", async (bench) => {
  await put(bench.session.channel, bench.dead, 200);
  for (let look = 1; look <= 4; look++) {
    deepEqual(await idsIn(bench.dead, bench, 200), numbers(200), `at look ${look}`);
  }
  for (const number of [100, 2, 50]) {
    equal((await Array.fromAsync(bench.queue.find([idOf(number)]))).length, 1);
    await bench.queue.giveBack();
  }
  deepEqual(await idsIn(bench.dead, bench, 200), numbers(200));
});

contract("readDeadLetter() says that the broker gave a message up", async (bench) => {
  const { queue, session: { channel } } = bench;
  await put(channel, bench.live, 1);
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
  "requeue() moves everything, in order, and ends although it dies again at once",
  async (bench) => {
    await put(bench.session.channel, bench.dead, 300, { headers: { "x-attempt": 6 } });
    const { queue } = bench;
    const again = await requeue(queue.messages(), requeueOptions(bench, bench.dead));
    deepEqual(again, { count: 300, failure: undefined });
    equal(await queue.count(), 300);
    deepEqual(await requeue(queue.messages(), requeueOptions(bench)), {
      count: 300,
      failure: undefined,
    });
    deepEqual(await idsIn(bench.live, bench, 300), numbers(300));
    equal(await queue.count(), 0);
  },
);

/** The dead letters of one message server. */
async function openDeadLetters(
  bench: Bench,
  surroundings: Partial<ConstructorParameters<typeof DeadLetters>[0]> = {},
  address?: string,
) {
  const session = await bench.openSession(address);
  const { remove: _, ...options } = requeueOptions({ ...bench, session });
  const tracing = startTestTracing({ serviceName: "message-server" });
  const deadLetters = new DeadLetters({
    ...options,
    ...tracing,
    queueName: bench.dead,
    ...surroundings,
  });
  deadLetters.attach(session.connection);
  return {
    act: (...command: Parameters<DeadLetters["act"]>) => deadLetters.act(...command),
    spans: tracing.exporter,
    session,
    [Symbol.asyncDispose]: () => tracing[Symbol.asyncDispose](),
  };
}

function statusesOf(results: readonly DeadLetterResult[]): readonly string[] {
  return results.map(({ status }) => status);
}

contract("DeadLetters requeues and drops by id, and leaves the rest in order", async (bench) => {
  await put(bench.session.channel, bench.dead, 60);
  await using server = await openDeadLetters(bench);
  const gone = idOf(61);
  deepEqual(statusesOf(await server.act("requeue", [idOf(40), gone, idOf(7)])), [
    "requeued",
    "gone",
    "requeued",
  ]);
  deepEqual(statusesOf(await server.act("drop", [idOf(8), idOf(7)])), ["dropped", "gone"]);
  deepEqual(await idsIn(bench.live, bench, 2), [idOf(7), idOf(40)]);
  const taken = new Set([7, 8, 40].map(idOf));
  deepEqual(await idsIn(bench.dead, bench, 57), numbers(60).filter((id) => !taken.has(id)));
  deepEqual(server.spans.spans.map(({ name }) => name), ["drop-dead-letter"]);
});

contract(
  "DeadLetters of two servers, each asked twice at once, send each email once",
  async (bench) => {
    await put(bench.session.channel, bench.dead, 50);
    await using one = await openDeadLetters(bench);
    await using two = await openDeadLetters(bench);
    const wanted = numbers(50);
    const answers = await Promise.all(
      [one, two, one, two].map(({ act }) => act("requeue", wanted)),
    );
    for (const [index] of wanted.entries()) {
      const statuses = answers.map((results) => results[index]?.status).toSorted();
      deepEqual(statuses, ["gone", "gone", "gone", "requeued"]);
    }
    deepEqual([...await idsIn(bench.live, bench, 50)].toSorted(), wanted);
    equal(await bench.queue.count(), 0);
  },
);

contract("DeadLetters says that what it sent again may be there still", async (bench) => {
  const { session, proxy, queue } = bench;
  await put(session.channel, bench.dead, 2);
  const publish = async (publication: Publication) => {
    const outcome = await session.publisher.publish(publication);
    proxy.cut();
    return outcome;
  };
  await using server = await openDeadLetters(bench, { publisher: { publish } }, proxy.url);
  const [result] = await server.act("requeue", numbers(2));
  await waitFor("both are back", async () => await queue.count() === 2);
  equal(result?.status, "failed");
  match(result?.reason ?? "", /^it is sent again, but perhaps not removed: /);
});

contract("DeadLetters waits for what another program holds", async (bench) => {
  await put(bench.session.channel, bench.dead, 3);
  await using server = await openDeadLetters(bench, { sleep: () => bench.queue.giveBack() });
  const held = await Array.fromAsync(bench.queue.find([idOf(2)]));
  equal(held.length, 1);
  deepEqual(statusesOf(await server.act("requeue", [idOf(2)])), ["requeued"]);
  deepEqual(await idsIn(bench.live, bench, 1), [idOf(2)]);
  deepEqual([...await idsIn(bench.dead, bench, 2)].toSorted(), [idOf(1), idOf(3)]);
});

contract("DeadLetters gives everything back when its time is over", async (bench) => {
  await put(bench.session.channel, bench.dead, 300);
  // All are given back; the next search ends before the last of them.
  await idsIn(bench.dead, bench, 300);
  await using server = await openDeadLetters(bench, { timeLimitMs: 5 });
  const [result] = await server.act("drop", [idOf(300)]);
  equal(result?.status, "failed");
  match(result?.reason ?? "", /^it was not found in time/);
  deepEqual(await idsIn(bench.dead, bench, 300), numbers(300));
});

contract("DeadLetters answers in time, even while the broker is silent", async (bench) => {
  const { promise: silence, resolve } = Promise.withResolvers<void>();
  await using server = await openDeadLetters(bench, { patienceMs: 100, sleep: () => silence });
  const [result] = await server.act("requeue", [idOf(1)]);
  equal(result?.status, "failed");
  match(result?.reason ?? "", /^RabbitMQ does not answer in time/);
  resolve();
});

contract(
  "DeadLetters fails with its channel, which takes nothing else with it",
  async (bench) => {
    await using server = await openDeadLetters(bench);
    const { session } = server;
    await session.channel.deleteQueue(bench.dead);
    const [result] = await server.act("drop", [idOf(1)]);
    equal(result?.status, "failed");
    match(result?.reason ?? "", /NOT[_-]FOUND/);
    ok(session.isOpen());
    await session.channel.waitForConfirms();
  },
);
