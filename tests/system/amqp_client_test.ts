/**
 * The client side of AMQP, `@playground/shared/amqp`, with a healthy and a faulty broker, the stand-in and the real one. A proxy
 * between both stands for the network.
 *
 * @module
 */
import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { createServer } from "node:net";
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
  ROUTING_KEY,
} from "@playground/shared/amqp";
import { integrationTest, waitFor } from "@playground/shared/testing";
import { openBrokerSession } from "@playground/tasks/clients/broker";
import type { Channel } from "amqplib";
import { listenOnLoopback } from "../../emailer/testing/loopback_server.ts";
import {
  encodeContent,
  encodeMethod,
  encodeProperties,
  FRAME_MAX_BYTES,
} from "../../tasks/standins/amqp/codec.ts";
import { START, TUNE } from "../../tasks/standins/amqp/handshake.ts";
import { startAmqpBroker } from "../../tasks/standins/amqp/mod.ts";
import { next } from "../../tasks/standins/amqp/testing.ts";
import { brokerTest } from "../fixture/brokers.ts";
import { freePort } from "../fixture/ports.ts";
import { runTask } from "../fixture/task_process.ts";
import { TcpProxy } from "../fixture/tcp_proxy.ts";

/** Much longer than what these tests wait for. */
const LONG_MS = 10_000;
const UNBOUND = "nothing.is.bound.here";

function publication(routingKey: string): Publication {
  const emailId = crypto.randomUUID();
  return {
    exchange: EXCHANGE,
    routingKey,
    content: new TextEncoder().encode(JSON.stringify({ id: emailId })),
    options: messageOptions({
      emailId,
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
  readonly confirmTimeoutMs?: number;
  readonly prepare?: (channel: Channel) => Promise<void>;
}

/** Opens a connection with a publisher on it, prepared as the services do. */
async function openClient(
  urls: readonly (string | URL)[],
  { confirmTimeoutMs = LONG_MS, prepare = declareTopology }: ClientOptions = {},
): Promise<Client> {
  await using resources = new AsyncDisposableStack();
  const publisher = resources.use(new ConfirmedPublisher(confirmTimeoutMs));
  const connection = resources.use(
    BrokerConnection.open({
      urls: urls.map((url) => new URL(url)),
      clientName: "amqp_client_test",
      setup: async (model) => {
        const channel = await essentialChannel(model, (c) => c.createConfirmChannel());
        await prepare(channel);
        publisher.attach(model, channel);
      },
    }),
  );
  const opened = resources.move();
  return { connection, publisher, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

const connected = ({ connection }: Client) =>
  waitFor("the broker is connected", () => connection.readiness.ready);

/** Waits until a client has lost its connection, or the broker takes nothing. */
const disconnected = ({ connection }: Client) =>
  waitFor("the connection is lost", () => !connection.readiness.ready);

/** Waits until an attempt to connect has failed; returns why. */
const failureOf = ({ connection }: Client): Promise<string> =>
  waitFor("an attempt failed", () => {
    const reason = connection.readiness.ready ? "" : connection.readiness.reason;
    return reason.startsWith("Cannot use") && reason;
  });

interface Connected extends Client {
  /** The network between the client and the broker. */
  readonly proxy: TcpProxy;
  /** Another connection, which looks at the broker. */
  readonly observer: Channel;
}

/** Registers a test of a client that is connected, for both brokers. */
function connectedTest(
  name: string,
  run: (client: Connected) => Promise<void>,
  options: ClientOptions = {},
): void {
  brokerTest(name, async ({ url, channel: observer }) => {
    await using resources = new AsyncDisposableStack();
    const proxy = resources.use(new TcpProxy(url));
    const client = resources.use(await openClient([proxy.url], options));
    await connected(client);
    await run({ ...client, proxy, observer });
  });
}

/** An address on which nothing listens. */
const deadNode = () => `amqp://127.0.0.1:${freePort()}`;

brokerTest(
  "BrokerConnection goes on to the next node until one answers, also after a break",
  async ({ url }) => {
    await using first = new TcpProxy(url);
    await using second = new TcpProxy(url);
    await using client = await openClient([deadNode(), deadNode(), first.url, second.url]);
    await connected(client);
    deepEqual(client.connection.node, { hostname: "127.0.0.1", port: first.port });

    first.cut();
    await waitFor(
      "the second node is in use",
      () => client.connection.readiness.ready && client.connection.node.port === second.port,
    );
    equal((await client.publisher.publish(publication(UNBOUND))).status, "returned");
  },
);

brokerTest("BrokerConnection survives a break while it is prepared", async (broker) => {
  await using proxy = new TcpProxy(broker.url);
  let attempts = 0;
  await using client = await openClient([proxy.url], {
    prepare: async (channel) => {
      attempts++;
      if (attempts === 1) proxy.cut();
      await declareTopology(channel);
    },
  });
  await connected(client);
  equal(attempts, 2);
});

for (
  const [when, disturb] of [
    ["at the end of its preparation", async (proxy, channel) => {
      const closed = new Promise((resolve) => channel.once("close", resolve));
      proxy.cut();
      await closed;
    }],
    ["after a failure, while it is closed", async (proxy) => {
      proxy.freeze();
      // By then the client waits for the broker's answer to its close.
      setTimeout(() => proxy.thaw());
      await Promise.reject(new Error("the queue has other arguments"));
    }],
  ] satisfies [string, (proxy: TcpProxy, channel: Channel) => Promise<void>][]
) {
  brokerTest(`BrokerConnection survives a break ${when}`, async ({ url }) => {
    await using proxy = new TcpProxy(url);
    let attempts = 0;
    await using client = await openClient([proxy.url], {
      prepare: async (channel) => {
        await declareTopology(channel);
        attempts++;
        if (attempts === 1) await disturb(proxy, channel);
      },
    });
    await connected(client);
    equal((await client.publisher.publish(publication(UNBOUND))).status, "returned");
    equal(attempts, 2);
  });
}

brokerTest("BrokerConnection prepares again after a failure and says why", async ({ url }) => {
  let endedCount = 0;
  await using client = await openClient([url], {
    prepare: (channel) => {
      // amqplib does not wait at its close for an attempt that is still under way.
      channel.once("close", () => endedCount++);
      return Promise.reject(new Error("the queue has other arguments"));
    },
  });
  await waitFor("two attempts are over", () => endedCount >= 2);
  match(await failureOf(client), /^Cannot use RabbitMQ at .+:\d+: the queue has other arguments$/);
});

brokerTest("BrokerConnection says why it is refused, without the password", async ({ url }) => {
  const wrong = new URL(url);
  wrong.password = "hunter2";
  await using refused = await openClient([wrong]);
  ok(!(await failureOf(refused)).includes("hunter2"));

  const elsewhere = new URL("/nope", url);
  await using lost = await openClient([elsewhere]);
  match(await failureOf(lost), /: it refuses the virtual host nope;/);
  await rejects(openBrokerSession([elsewhere], "test"), /: it refuses the virtual host nope;/);
});

connectedTest(
  "BrokerConnection can be closed while the broker says nothing more",
  async (client) => {
    client.proxy.freeze();

    const startedAt = performance.now();
    await client.connection[Symbol.asyncDispose]();
    ok(performance.now() - startedAt < LONG_MS);
  },
);

brokerTest("a session can be closed while the broker says nothing more", async ({ url }) => {
  await using proxy = new TcpProxy(url);
  const session = await openBrokerSession([new URL(proxy.url)], "amqp_client_test");
  proxy.freeze();

  const startedAt = performance.now();
  await session[Symbol.asyncDispose]();
  ok(performance.now() - startedAt < LONG_MS);
});

integrationTest("BrokerConnection can be closed while no node answers", async () => {
  const client = await openClient([deadNode()]);
  await failureOf(client);
  deepEqual(await client.publisher.publish(publication(ROUTING_KEY)), {
    status: "disconnected",
    reason: "there is no connection",
  });

  await client.connection[Symbol.asyncDispose]();
});

integrationTest(
  "BrokerConnection can be closed amid an attempt to connect, which breaks then",
  async () => {
    const closed = Promise.withResolvers<void>();
    const broken = Promise.withResolvers<void>();
    // It answers the protocol header, StartOk, and TuneOk with Open; it hangs up at Close.
    const steps = [
      () => encodeMethod("ConnectionStart", 0, START),
      () => encodeMethod("ConnectionTune", 0, TUNE),
      async () => {
        await client.connection[Symbol.asyncDispose]();
        closed.resolve();
        return encodeMethod("ConnectionOpenOk", 0, {});
      },
    ];
    const broker = createServer(async (socket) => {
      socket.once("close", () => broken.resolve());
      for await (const _ of socket) {
        const answer = steps.shift();
        if (answer === undefined) break;
        socket.write(await answer());
      }
      socket.destroy();
    });
    await using server = await listenOnLoopback(broker);
    const client: Client = await openClient([`amqp://127.0.0.1:${server.port}`]);
    await closed.promise;
    // An error that nobody handles would end the process.
    await broken.promise;
  },
);

integrationTest("BrokerConnection.open() rejects without any node", async () => {
  await rejects(openClient([]), /Cannot connect: the list of nodes is empty/);
});

// Beyond ASCII every client logs in with the same UTF-8 (RFC 4616 section 2). The virtual host is encoded as well.
integrationTest("a password with an é works in every command, percent-encoded or not", async () => {
  const account = { user: "renée", password: "pâss/wörd@é%" };
  await using broker = await startAmqpBroker({ port: 0, account });
  const { host } = new URL(broker.url);
  const AMQP_URL = `amqp://renée:pâss%2Fwörd%40é%25@${host}/%2f`;
  const encoded = `amqp://ren%C3%A9e:p%C3%A2ss%2Fw%C3%B6rd%40%C3%A9%25@${host}/%2f`;
  for (const url of [encoded, AMQP_URL]) {
    await using client = await openClient([url]);
    await connected(client);
  }
  for (
    const [task, args, expected] of [
      ["dead_letters", [], /There are no dead letters/],
      ["doctor", [], /✓ RabbitMQ \S+ +takes the user and password/],
      ["load", ["--count=1", "--timeout=1", "--server=http://127.0.0.1:1"], /dead-lettered +0/],
    ] as const
  ) {
    const { output } = await runTask(task, args, { AMQP_URL, OTEL_TRACES_EXPORTER: "none" });
    match(output, expected, `${task}: ${output}`);
  }
});

/** A broker's whole answer to an unroutable message without content, on the first channel. */
function returned({ exchange, routingKey, options }: Publication): readonly Uint8Array[] {
  const reason = { replyCode: 312, replyText: "NO_ROUTE" };
  return [
    encodeMethod("BasicReturn", 1, { ...reason, exchange, routingKey }),
    ...encodeContent(
      1,
      encodeProperties({ ...options, expiration: undefined }),
      new Uint8Array(),
      FRAME_MAX_BYTES,
    ),
  ];
}

connectedTest("publish() confirms many messages at once, each for itself", async (client) => {
  const { publisher, observer } = client;
  const queue = crypto.randomUUID();
  await observer.assertQueue(queue, { arguments: { "x-queue-type": "quorum" } });
  const publications = Array.from({ length: 200 }, (_, index) => ({
    ...publication(index % 2 === 0 ? queue : "no-such-queue"),
    exchange: "",
  }));

  const outcomes = await Promise.all(publications.map((one) => publisher.publish(one)));
  deepEqual(
    outcomes.map(({ status }) => status),
    publications.map(({ routingKey }) => routingKey === queue ? "confirmed" : "returned"),
  );
  equal((await observer.checkQueue(queue)).messageCount, 100);
  await observer.deleteQueue(queue);
});

connectedTest("publish() reports each return of one email sent twice at once", async (client) => {
  const { publisher, proxy } = client;
  // A broker may return both before it confirms both.
  proxy.freeze();
  const email = publication(UNBOUND);
  const outcomes = Promise.all([publisher.publish(email), publisher.publish(email)]);
  const confirmed = encodeMethod("BasicAck", 1, { deliveryTag: 2, multiple: true });
  for (const bytes of [...returned(email), ...returned(email), confirmed]) {
    await proxy.inject(bytes);
  }

  deepEqual(await outcomes, [{ status: "returned" }, { status: "returned" }]);
  proxy.cut();
  await disconnected(client);
});

connectedTest(
  "publish() gives up on a confirm that does not come, which is not ready",
  async (client) => {
    const { publisher, proxy } = client;
    const publishUnbound = () => publisher.publish(publication(UNBOUND));
    await waitFor("an answer in time", async () => (await publishUnbound()).status === "returned");
    deepEqual(publisher.readiness, { ready: true });
    proxy.freeze();
    const message = publication(ROUTING_KEY);
    deepEqual(await publisher.publish(message), { status: "unconfirmed", timeoutMs: 100 });
    equal(publisher.unconfirmedBytes, message.content.length);
    deepEqual(publisher.readiness, {
      ready: false,
      reason: "RabbitMQ does not confirm messages",
    });

    proxy.cut();
    await disconnected(client);
    equal(publisher.unconfirmedBytes, 0);
  },
  { confirmTimeoutMs: 100 },
);

connectedTest("publish() reports a connection that breaks before the confirm", async (client) => {
  const { publisher, proxy } = client;
  proxy.freeze();
  const outcome = publisher.publish(publication(ROUTING_KEY));
  proxy.cut();
  deepEqual(await outcome, {
    status: "disconnected",
    reason: "the connection broke before the confirm",
  });
  await disconnected(client);
});

connectedTest(
  "publish() and readiness follow a broker that blocks and unblocks",
  async (client) => {
    const { connection, publisher, proxy } = client;
    await proxy.inject(encodeMethod("ConnectionBlocked", 0, { reason: "low on disk" }));
    await disconnected(client);
    deepEqual(connection.readiness, {
      ready: false,
      reason: "RabbitMQ takes no messages for now: low on disk",
    });
    deepEqual(await publisher.publish(publication(ROUTING_KEY)), {
      status: "blocked",
      reason: "low on disk",
    });

    await proxy.inject(encodeMethod("ConnectionUnblocked", 0, {}));
    await connected(client);
    equal((await publisher.publish(publication(UNBOUND))).status, "returned");
  },
);

connectedTest(
  "declareTopology() makes what the emailer rejects a dead letter",
  async ({ publisher, observer }) => {
    const email = publication(ROUTING_KEY);
    await publisher.publish(email);
    observer.reject(await next(observer, QUEUE), false);
    const dead = await next(observer, DEAD_LETTER_QUEUE);
    observer.ack(dead);
    equal(dead.properties.messageId, email.options.messageId);
  },
);
