import { deepEqual, equal, match, notEqual, rejects } from "node:assert/strict";
import { Buffer } from "node:buffer";
import { waitFor } from "@playground/shared/testing";
import { connect } from "amqplib";
import { type Client, connectClient, QUORUM } from "../../../tasks/standins/amqp/testing.ts";
import { type Bench, delays, type FaultCheck, type FaultChecks } from "../../fixture/faults.ts";

const QUEUE = "faults";

async function open({ variables }: Bench): Promise<Client> {
  const client = await connectClient(variables.AMQP_URL ?? "");
  await client.channel.assertQueue(QUEUE, { arguments: QUORUM });
  return client;
}

/** Publishes; returns the broker's confirm, `undefined` until there is one. */
function publish({ channel }: Client): {
  readonly outcome: () => "ack" | "nack" | undefined;
  readonly settled: () => Promise<true>;
} {
  let outcome: "ack" | "nack" | undefined;
  channel.publish("", QUEUE, Buffer.from("x"), { persistent: true, mandatory: true }, (error) => {
    outcome = error === null ? "ack" : "nack";
  });
  return {
    outcome: () => outcome,
    settled: () => waitFor("the publish is settled", () => outcome !== undefined),
  };
}

/** Also a round trip: everything that the broker sent before has arrived by then. */
async function messageCount({ channel }: Client): Promise<number> {
  return (await channel.checkQueue(QUEUE)).messageCount;
}

/** The broker gives a message this outcome, and does not keep it. */
function keepsNothing(outcome: "ack" | "nack", expectedReturnCount: number): FaultCheck {
  return async (bench) => {
    await using client = await open(bench);
    let returnCount = 0;
    client.channel.on("return", () => returnCount++);
    await bench.set();
    const publication = publish(client);
    await publication.settled();
    equal(publication.outcome(), outcome);
    equal(returnCount, expectedReturnCount);
    equal(await messageCount(client), 0);
  };
}

export const RABBITMQ_CHECKS: FaultChecks<"rabbitmq"> = {
  async "rabbitmq.refuse"(bench) {
    await using client = await open(bench);
    const closed = new Promise<void>((resolve) => client.model.once("close", () => resolve()));
    await bench.set();
    await closed;
    await rejects(connect(bench.variables.AMQP_URL ?? ""));
    await bench.clear();
    await using _again = await open(bench);
  },
  async "rabbitmq.login"(bench) {
    await bench.set();
    await rejects(connect(bench.variables.AMQP_URL ?? ""), /ACCESS_REFUSED|ACCESS-REFUSED|403/);
  },
  async "rabbitmq.block"(bench) {
    await using client = await open(bench);
    const events: string[] = [];
    client.model.on("blocked", (reason) => events.push(`blocked: ${reason}`));
    client.model.on("unblocked", () => events.push("unblocked"));
    await bench.set();
    await waitFor("the client is told", () => events.includes("blocked: low on memory"));
    await bench.clear();
    await waitFor("the client is told of the end", () => events.includes("unblocked"));
    // A client that connects meanwhile is blocked as well.
    await bench.set();
    await using late = await open(bench);
    let isTold = false;
    late.model.on("unblocked", () => isTold = true);
    await bench.clear();
    await waitFor("the late client is told of the end", () => isTold);
  },
  "rabbitmq.nack": keepsNothing("nack", 0),
  "rabbitmq.return": keepsNothing("ack", 1),
  async "rabbitmq.no-confirm"(bench) {
    await using client = await open(bench);
    await bench.set();
    const publication = publish(client);
    equal(await messageCount(client), 1);
    equal(publication.outcome(), undefined);
    await bench.clear();
    const next = publish(client);
    await next.settled();
    equal(next.outcome(), "ack");
    equal(publication.outcome(), undefined);
  },
  "rabbitmq.slow-confirm": delays(async (bench) => {
    await using client = await open(bench);
    await publish(client).settled();
  }),
  async "rabbitmq.slow-delivery"(bench) {
    await using client = await open(bench);
    await publish(client).settled();
    await delays(async () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      await client.channel.consume(QUEUE, (message) => {
        if (message !== null) client.channel.ack(message);
        resolve();
      });
      await promise;
    })(bench);
    // Messages that its consumer did not wait for are requeued.
    await bench.set({ value: "100000" });
    await publish(client).settled();
    await bench.struck();
    await client[Symbol.asyncDispose]();
    await using other = await open(bench);
    equal(await messageCount(other), 1);
  },
  async "rabbitmq.close-channel"(bench) {
    await using client = await open(bench);
    const closed = new Promise<void>((resolve) => client.channel.once("close", () => resolve()));
    await bench.set();
    publish(client);
    await closed;
    await bench.clear();
    const channel = await client.model.createChannel();
    equal((await channel.checkQueue(QUEUE)).messageCount, 0);
  },
  async "rabbitmq.no-cancel"(bench) {
    await using client = await open(bench);
    let isTold = false;
    const { consumerTag } = await client.channel.consume(QUEUE, () => isTold = true);
    await bench.set();
    await client.channel.deleteQueue(QUEUE);
    equal(await bench.hitCount(), 1);
    await client.channel.assertQueue(QUEUE, { arguments: QUORUM });
    await publish(client).settled();
    equal(await messageCount(client), 1);
    equal(isTold, false);
    // As with RabbitMQ, a consumer without a queue can still be cancelled.
    await client.channel.cancel(consumerTag);
  },
  async "rabbitmq.trace-headers"(bench) {
    await using client = await open(bench);
    const [traceId, spanId] = ["463ac35c9f6413ad48485a3978bb5ecc", "8dc810654b39fa50"];
    const headers = { "X-B3-TraceId": traceId, "X-B3-SpanId": spanId, "x-attempt": 1 };
    const received = async (value: string) => {
      await bench.set({ value });
      await client.channel.sendToQueue(QUEUE, Buffer.from("x"), { headers });
      await client.channel.waitForConfirms();
      const message = await client.channel.get(QUEUE);
      if (message === false) throw new Error("The message is gone");
      client.channel.ack(message);
      return message.properties.headers;
    };
    deepEqual(await received("strip"), { "x-attempt": 1, "x-delivery-count": 0 });
    equal(
      (await received("malformed"))?.["X-B3-TraceId"],
      `${traceId.slice(0, 8)}-${traceId.slice(8)}`,
    );
    const foreign = await received("foreign");
    match(foreign?.["X-B3-TraceId"] ?? "", /^[0-9a-f]{32}$/);
    notEqual(foreign?.["X-B3-TraceId"], traceId);
    match(foreign?.["X-B3-SpanId"] ?? "", /^[0-9a-f]{16}$/);
  },
  async "rabbitmq.freeze"(bench) {
    await using client = await open(bench);
    await bench.set();
    const publication = publish(client);
    await bench.struck();
    equal(publication.outcome(), undefined);
    await bench.clear();
    await publication.settled();
    equal(publication.outcome(), "ack");
  },
};
