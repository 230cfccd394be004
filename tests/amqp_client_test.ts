/**
 * The client side of AMQP, `@playground/shared/amqp`, at a broker that behaves and at one that does not: against the embedded
 * stand-in and, where `TEST_AMQP_URL` names one, against RabbitMQ. A proxy between both plays the network.
 *
 * @module
 */
import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import {
  BrokerConnection,
  ConfirmedPublisher,
  DEAD_LETTER_QUEUE,
  declareTopology,
  essentialChannel,
  EXCHANGE,
  messageOptions,
  type Publication,
  QUEUE,
  retryQueue,
  ROUTING_KEY,
} from "@playground/shared/amqp";
import { contractTargets, integrationTest, TcpProxy, waitFor } from "@playground/shared/testing";
import { type Channel, connect } from "amqplib";
import { startAmqpBroker } from "../tasks/standins/amqp/mod.ts";

interface Broker extends AsyncDisposable {
  readonly url: string;
}

const targets = contractTargets<Broker>(
  "TEST_AMQP_URL",
  () => startAmqpBroker({ port: 0 }),
  (url) => ({ url, [Symbol.asyncDispose]: () => Promise.resolve() }),
);

/** Registers a test for both targets. */
function clientTest(name: string, run: (url: URL) => Promise<void>): void {
  for (const { name: target, ignoredBecause, start } of targets) {
    const options = ignoredBecause === undefined ? {} : { ignoredBecause };
    integrationTest(`${name} (${target})`, async () => {
      await using broker = await start();
      await run(new URL(broker.url));
    }, options);
  }
}

/** Much shorter than any limit of the publisher's in these tests that shall not be reached. */
const LONG_MS = 10_000;

function publication(routingKey: string, id: string = crypto.randomUUID()): Publication {
  return {
    exchange: EXCHANGE,
    routingKey,
    content: new TextEncoder().encode(JSON.stringify({ id })),
    options: messageOptions({
      emailId: id,
      acceptedAtSeconds: 1_700_000_000,
      appId: "test/0",
      headers: { "x-attempt": 1 },
    }),
  };
}

interface Client extends AsyncDisposable {
  readonly connection: BrokerConnection;
  readonly publisher: ConfirmedPublisher;
}

interface ClientOptions {
  readonly urls: readonly URL[];
  readonly confirmTimeoutMs?: number;
  readonly prepare?: (channel: Channel) => Promise<void>;
}

/** A connection with a publisher on it, prepared as the services do. */
async function openClient(
  { urls, confirmTimeoutMs = LONG_MS, prepare = declareTopology }: ClientOptions,
): Promise<Client> {
  const publisher = new ConfirmedPublisher(confirmTimeoutMs);
  const connection = await BrokerConnection.open({
    urls,
    clientName: "amqp_client_test",
    setup: async (model) => {
      const channel = await essentialChannel(model, (c) => c.createConfirmChannel());
      await prepare(channel);
      publisher.attach(model, channel);
    },
  });
  return { connection, publisher, [Symbol.asyncDispose]: () => connection[Symbol.asyncDispose]() };
}

async function connected({ connection }: Client): Promise<void> {
  await waitFor("the broker is connected", () => connection.readiness.ready);
}

/** A second way to the broker, which looks after the client under test. */
async function openObserver(url: URL): Promise<AsyncDisposable & { readonly channel: Channel }> {
  const model = await connect(url.href);
  return { channel: await model.createChannel(), [Symbol.asyncDispose]: () => model.close() };
}

/** Takes the message of an id from a queue, whatever else waits there; that goes back when the channel closes. */
async function take(channel: Channel, queue: string, id: string) {
  for (;;) {
    const message = await channel.get(queue);
    if (message === false) return undefined;
    if (message.properties.messageId !== id) continue;
    channel.ack(message);
    return message;
  }
}

/** A proxy before the broker, and the URL that leads through it. */
function openProxy(url: URL): { proxy: TcpProxy; through: URL } {
  const proxy = new TcpProxy({ hostname: url.hostname, port: Number(url.port) });
  const through = new URL(url);
  through.hostname = "127.0.0.1";
  through.port = String(proxy.port);
  return { proxy, through };
}

/** A port on which nothing listens. */
function deadPort(): URL {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return new URL(`amqp://127.0.0.1:${listener.addr.port}`);
}

/** A frame (AMQP 0-9-1 section 2.3.5) of a method (1) or of a content's header (2). */
function frame(type: 1 | 2, channel: number, payload: readonly number[]): Uint8Array {
  return new Uint8Array([type, 0, channel, 0, 0, 0, payload.length, ...payload, 0xce]);
}

function shortText(text: string): readonly number[] {
  return [text.length, ...new TextEncoder().encode(text)];
}

const connectionBlocked = (reason: string) => frame(1, 0, [0, 10, 0, 60, ...shortText(reason)]);
const connectionUnblocked = frame(1, 0, [0, 10, 0, 61]);
const [basicReturn, basicAck] = [[0, 60, 0, 50], [0, 60, 0, 80]];

/** All that a broker says of an unroutable message without content, on the first channel. */
function returned({ exchange, routingKey, options }: Publication): readonly Uint8Array[] {
  const place = [...shortText("NO_ROUTE"), ...shortText(exchange), ...shortText(routingKey)];
  const onlyMessageId = [0, 0x80, ...shortText(String(options.messageId))];
  return [
    frame(1, 1, [...basicReturn, 312 >> 8, 312 & 0xff, ...place]),
    frame(2, 1, [0, 60, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, ...onlyMessageId]),
  ];
}

/** A broker's confirm of all messages up to this one, on the first channel. */
function confirmedUpTo(tag: number): Uint8Array {
  return frame(1, 1, [...basicAck, 0, 0, 0, 0, 0, 0, 0, tag, 1]);
}

clientTest("declareTopology() leads an email to its queue, called once or twice", async (url) => {
  await using client = await openClient({
    urls: [url],
    prepare: async (channel) => {
      await declareTopology(channel);
      await declareTopology(channel);
    },
  });
  await connected(client);
  const email = publication(ROUTING_KEY);
  deepEqual(await client.publisher.publish(email), { status: "confirmed" });

  await using observer = await openObserver(url);
  const message = await take(observer.channel, QUEUE, String(email.options.messageId));
  ok(message);
  deepEqual(new Uint8Array(message.content), email.content);
  const { contentType, deliveryMode, timestamp, appId, headers } = message.properties;
  deepEqual({ contentType, deliveryMode, timestamp, appId, attempt: headers?.["x-attempt"] }, {
    contentType: "application/json",
    deliveryMode: 2,
    timestamp: 1_700_000_000,
    appId: "test/0",
    attempt: 1,
  });
});

clientTest("declareTopology() makes what waits in a retry queue come back", async (url) => {
  const delay = { text: "150ms", milliseconds: 150 };
  await using client = await openClient({
    urls: [url],
    prepare: (channel) => declareTopology(channel, [delay]),
  });
  await connected(client);
  const email = { ...publication(retryQueue(delay)), exchange: "" };
  const publishedAt = performance.now();
  deepEqual(await client.publisher.publish(email), { status: "confirmed" });

  await using observer = await openObserver(url);
  await waitFor(
    "the email came back",
    async () => await take(observer.channel, QUEUE, String(email.options.messageId)) !== undefined,
  );
  ok(performance.now() - publishedAt >= delay.milliseconds);
  await observer.channel.deleteQueue(retryQueue(delay));
});

clientTest("declareTopology() makes what the emailer rejects a dead letter", async (url) => {
  await using client = await openClient({ urls: [url] });
  await connected(client);
  const email = publication(ROUTING_KEY);
  const id = String(email.options.messageId);
  await client.publisher.publish(email);

  await using observer = await openObserver(url);
  const { channel } = observer;
  let message = await channel.get(QUEUE);
  while (message !== false && message.properties.messageId !== id) {
    message = await channel.get(QUEUE);
  }
  ok(message !== false);
  channel.reject(message, false);
  await waitFor(
    "the email is a dead letter",
    async () => await take(channel, DEAD_LETTER_QUEUE, id) !== undefined,
  );
});

clientTest("publish() confirms many messages at once, each for itself", async (url) => {
  await using client = await openClient({ urls: [url] });
  await connected(client);
  await using observer = await openObserver(url);
  const { queue } = await observer.channel.assertQueue("", { exclusive: false, autoDelete: false });
  const publications = Array.from({ length: 200 }, (_, index) => ({
    ...publication(index % 2 === 0 ? queue : "no-such-queue"),
    exchange: "",
  }));

  const outcomes = await Promise.all(publications.map((one) => client.publisher.publish(one)));
  deepEqual(
    outcomes.map(({ status }) => status),
    publications.map(({ routingKey }) => routingKey === queue ? "confirmed" : "returned"),
  );
  equal((await observer.channel.checkQueue(queue)).messageCount, 100);
  await observer.channel.deleteQueue(queue);
});

clientTest("publish() tells of each return of one email sent twice at once", async (url) => {
  const { proxy, through } = openProxy(url);
  await using _ = proxy;
  await using client = await openClient({ urls: [through] });
  await connected(client);
  // A broker may return both before it confirms both.
  proxy.freeze();
  const email = publication("nothing.is.bound.here");
  const outcomes = Promise.all([client.publisher.publish(email), client.publisher.publish(email)]);
  for (const bytes of [...returned(email), ...returned(email), confirmedUpTo(2)]) {
    await proxy.inject(bytes);
  }

  deepEqual(await outcomes, [{ status: "returned" }, { status: "returned" }]);
  proxy.cut();
  await waitFor("the cut is noticed", () => !client.connection.readiness.ready);
});

clientTest("publish() tells of a message that the broker refuses", async (url) => {
  await using client = await openClient({ urls: [url] });
  await connected(client);
  await using observer = await openObserver(url);
  const { queue } = await observer.channel.assertQueue("", {
    exclusive: false,
    arguments: { "x-max-length": 1, "x-overflow": "reject-publish" },
  });
  const send = () => client.publisher.publish({ ...publication(queue), exchange: "" });

  deepEqual(await send(), { status: "confirmed" });
  deepEqual(await send(), { status: "rejected" });
  await observer.channel.deleteQueue(queue);
});

clientTest("publish() gives up on a confirm that does not come", async (url) => {
  const { proxy, through } = openProxy(url);
  await using _ = proxy;
  await using client = await openClient({ urls: [through], confirmTimeoutMs: 100 });
  await connected(client);
  proxy.freeze();

  const outcome = await client.publisher.publish(publication(ROUTING_KEY));
  deepEqual(outcome, { status: "unconfirmed", timeoutMs: 100 });
  proxy.cut();
  await waitFor("the cut is noticed", () => !client.connection.readiness.ready);
});

clientTest("publish() tells at once when the connection breaks meanwhile", async (url) => {
  const { proxy, through } = openProxy(url);
  await using _ = proxy;
  await using client = await openClient({ urls: [through] });
  await connected(client);
  proxy.freeze();
  const outcomes = Promise.all(
    Array.from({ length: 3 }, () => client.publisher.publish(publication(ROUTING_KEY))),
  );
  proxy.cut();

  for (const outcome of await outcomes) {
    deepEqual(outcome, {
      status: "disconnected",
      reason: "the connection broke before the confirm",
    });
  }
});

clientTest("publish() tells when the broker closes the channel over it", async (url) => {
  await using client = await openClient({ urls: [url] });
  await connected(client);
  const { status } = await client.publisher.publish({
    ...publication(ROUTING_KEY),
    exchange: `no-such-exchange-${crypto.randomUUID()}`,
  });
  equal(status, "disconnected");

  // The channel is essential, so that it takes the connection along and both come back.
  await waitFor(
    "publishing works again",
    async () =>
      (await client.publisher.publish(publication("nothing.is.bound.here"))).status ===
        "returned",
  );
});

clientTest("publish() and readiness follow a broker that blocks and unblocks", async (url) => {
  const { proxy, through } = openProxy(url);
  await using _ = proxy;
  await using client = await openClient({ urls: [through] });
  await connected(client);

  await proxy.inject(connectionBlocked("low on disk"));
  await waitFor("the broker blocks", () => !client.connection.readiness.ready);
  deepEqual(client.connection.readiness, {
    ready: false,
    reason: "RabbitMQ takes no messages for now: low on disk",
  });
  deepEqual(await client.publisher.publish(publication(ROUTING_KEY)), {
    status: "blocked",
    reason: "low on disk",
  });

  await proxy.inject(connectionUnblocked);
  await waitFor("the broker unblocks", () => client.connection.readiness.ready);
  equal((await client.publisher.publish(publication("nothing.is.bound.here"))).status, "returned");
});

clientTest("BrokerConnection goes on to the next node until one answers", async (url) => {
  await using client = await openClient({ urls: [deadPort(), deadPort(), url] });
  await connected(client);

  deepEqual(client.connection.node, { hostname: url.hostname, port: Number(url.port) });
});

clientTest("BrokerConnection comes back on the next node and publishes again", async (url) => {
  const [first, second] = [openProxy(url), openProxy(url)];
  await using _first = first.proxy;
  await using _second = second.proxy;
  await using client = await openClient({ urls: [first.through, second.through] });
  await connected(client);
  equal(client.connection.node.port, first.proxy.port);

  first.proxy.cut();
  await waitFor(
    "the second node is in use",
    () => client.connection.readiness.ready && client.connection.node.port === second.proxy.port,
  );
  equal((await client.publisher.publish(publication("nothing.is.bound.here"))).status, "returned");
});

clientTest("BrokerConnection survives a break while it is prepared", async (url) => {
  const { proxy, through } = openProxy(url);
  await using _ = proxy;
  let attempts = 0;
  await using client = await openClient({
    urls: [through],
    prepare: async (channel) => {
      attempts++;
      if (attempts === 1) proxy.cut();
      await declareTopology(channel);
    },
  });

  await connected(client);
  equal(attempts, 2);
});

clientTest("BrokerConnection prepares again after a failure and says why it fails", async (url) => {
  let attempts = 0;
  const client = await openClient({
    urls: [url],
    prepare: () => {
      attempts++;
      return Promise.reject(new Error("the queue has other arguments"));
    },
  });
  await using _ = client;
  await waitFor("it has been tried twice", () => attempts >= 2);

  const { readiness } = client.connection;
  ok(!readiness.ready);
  match(
    readiness.reason,
    /^Cannot use RabbitMQ at .+:\d+: the queue has other arguments$/,
  );
});

clientTest("declareTopology() rejects when a queue exists with other arguments", async (url) => {
  const delay = { text: `${crypto.randomUUID()}s`, milliseconds: 1_000 };
  await using observer = await openObserver(url);
  await observer.channel.assertQueue(retryQueue(delay), { durable: true });
  const model = await connect(url.href);
  const channel = await model.createChannel();
  channel.on("error", () => {});

  await rejects(declareTopology(channel, [delay]), /PRECONDITION[_-]FAILED/);
  await model.close();
  await observer.channel.deleteQueue(retryQueue(delay));
});

clientTest("BrokerConnection decodes credentials and virtual host of the URL", async (url) => {
  const encoded = new URL(url);
  encoded.username = "%67uest";
  encoded.pathname = "/%2f";
  await using client = await openClient({ urls: [encoded] });

  await connected(client);
});

clientTest("BrokerConnection never shows a password that was refused", async (url) => {
  const wrong = new URL(url);
  wrong.password = "hunter2";
  await using client = await openClient({ urls: [wrong] });
  const { connection } = client;
  await waitFor(
    "the broker refused",
    () => !connection.readiness.ready && connection.readiness.reason.startsWith("Cannot use"),
  );

  equal(JSON.stringify(connection.readiness).includes("hunter2"), false);
});

clientTest("BrokerConnection can be closed while the broker says nothing more", async (url) => {
  const { proxy, through } = openProxy(url);
  await using _ = proxy;
  const client = await openClient({ urls: [through] });
  await connected(client);
  proxy.freeze();

  const startedAt = performance.now();
  await client[Symbol.asyncDispose]();
  ok(performance.now() - startedAt < LONG_MS);
});

integrationTest("BrokerConnection can be closed while no node answers", async () => {
  const node = deadPort();
  const client = await openClient({ urls: [node] });
  const { connection, publisher } = client;
  await waitFor(
    "an attempt failed",
    () => !connection.readiness.ready && connection.readiness.reason.startsWith("Cannot use"),
  );
  deepEqual(await publisher.publish(publication(ROUTING_KEY)), {
    status: "disconnected",
    reason: "there is no connection",
  });

  await connection[Symbol.asyncDispose]();
});

integrationTest("BrokerConnection.open() rejects without any node", async () => {
  await rejects(openClient({ urls: [] }), /Cannot connect: the list of nodes is empty/);
});
