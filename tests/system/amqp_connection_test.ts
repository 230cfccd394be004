import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { declareTopology, ROUTING_KEY } from "@playground/shared/amqp";
import { integrationTest, waitFor } from "@playground/shared/testing";
import {
  connected,
  connectedTest,
  LONG_MS,
  openClient,
  publication,
} from "../fixture/amqp_client.ts";
import { brokerTest } from "../fixture/brokers.ts";
import { proxyBefore } from "../fixture/proxies.ts";

/** A port on which nothing listens. */
function deadPort(): URL {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return new URL(`amqp://127.0.0.1:${listener.addr.port}`);
}

brokerTest(
  "BrokerConnection goes on to the next node until one answers, also after a break",
  async ({ url }) => {
    const [first, second] = [proxyBefore(url), proxyBefore(url)];
    await using _first = first.proxy;
    await using _second = second.proxy;
    await using client = await openClient({
      urls: [deadPort(), deadPort(), new URL(first.url), new URL(second.url)],
    });
    await connected(client);
    deepEqual(client.connection.node, { hostname: "127.0.0.1", port: first.proxy.port });

    first.proxy.cut();
    await waitFor(
      "the second node is in use",
      () => client.connection.readiness.ready && client.connection.node.port === second.proxy.port,
    );
    equal(
      (await client.publisher.publish(publication("nothing.is.bound.here"))).status,
      "returned",
    );
  },
);

brokerTest("BrokerConnection survives a break while it is prepared", async (broker) => {
  const { proxy, url } = proxyBefore(broker.url);
  await using _ = proxy;
  let attempts = 0;
  await using client = await openClient({
    urls: [new URL(url)],
    prepare: async (channel) => {
      attempts++;
      if (attempts === 1) proxy.cut();
      await declareTopology(channel);
    },
  });

  await connected(client);
  equal(attempts, 2);
});

brokerTest(
  "BrokerConnection prepares again after a failure and says why it fails",
  async ({ url }) => {
    let endedCount = 0;
    await using client = await openClient({
      urls: [new URL(url)],
      prepare: (channel) => {
        // amqplib does not wait at its close for an attempt that is still under way.
        channel.once("close", () => endedCount++);
        return Promise.reject(new Error("the queue has other arguments"));
      },
    });
    await waitFor("two attempts are over", () => endedCount >= 2);

    const { readiness } = client.connection;
    ok(!readiness.ready);
    match(
      readiness.reason,
      /^Cannot use RabbitMQ at .+:\d+: the queue has other arguments$/,
    );
  },
);

brokerTest("BrokerConnection never shows a password that was refused", async ({ url }) => {
  const wrong = new URL(url);
  wrong.password = "hunter2";
  await using client = await openClient({ urls: [wrong] });
  await attemptFailed(client);

  equal(JSON.stringify(client.connection.readiness).includes("hunter2"), false);
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

integrationTest("BrokerConnection can be closed while no node answers", async () => {
  const client = await openClient({ urls: [deadPort()] });
  await attemptFailed(client);
  deepEqual(await client.publisher.publish(publication(ROUTING_KEY)), {
    status: "disconnected",
    reason: "there is no connection",
  });

  await client.connection[Symbol.asyncDispose]();
});

integrationTest("BrokerConnection.open() rejects without any node", async () => {
  await rejects(openClient({ urls: [] }), /Cannot connect: the list of nodes is empty/);
});

async function attemptFailed({ connection }: Awaited<ReturnType<typeof openClient>>) {
  await waitFor(
    "an attempt failed",
    () => !connection.readiness.ready && connection.readiness.reason.startsWith("Cannot use"),
  );
}
