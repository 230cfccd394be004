import { deepEqual, equal } from "node:assert/strict";
import { mock } from "node:test";
import { setImmediate } from "node:timers/promises";
import type { ConsumeMessage } from "amqplib";
import { type ConsumingChannel, EmailConsumer } from "./consumer.ts";
import type { Disposition } from "./deliver.ts";
import { delivery } from "./testing/delivery.ts";

const DELIVERED: Disposition = { outcome: "delivered" };

/** A channel that notes what is done to it, and delivers on demand. */
class FakeChannel implements ConsumingChannel {
  readonly events: string[] = [];
  /** Whether the broker or the network has closed it. */
  closed = false;
  #onMessage: (message: ConsumeMessage | null) => void = () => {};

  deliver(deliveryTag: number): void {
    const message = delivery();
    this.#onMessage({ ...message, fields: { ...message.fields, deliveryTag } });
  }

  cancelByBroker(): void {
    this.#onMessage(null);
  }

  prefetch(count: number) {
    this.events.push(`prefetch ${count}`);
    return Promise.resolve({});
  }

  consume(queue: string, onMessage: (message: ConsumeMessage | null) => void) {
    this.events.push(`consume ${queue}`);
    this.#onMessage = onMessage;
    return Promise.resolve({ consumerTag: "tag" });
  }

  cancel(consumerTag: string) {
    this.events.push(`cancel ${consumerTag}`);
    return this.closed ? Promise.reject(new Error("closed")) : Promise.resolve({ consumerTag });
  }

  ack({ fields }: ConsumeMessage) {
    if (this.closed) throw new Error("closed");
    this.events.push(`ack ${fields.deliveryTag}`);
  }

  nack({ fields }: ConsumeMessage, allUpTo?: boolean, requeue?: boolean) {
    if (this.closed) throw new Error("closed");
    this.events.push(`nack ${fields.deliveryTag} all=${allUpTo} requeue=${requeue}`);
  }

  /** What happened since the consuming began. */
  get settled(): readonly string[] {
    return this.events.slice(2);
  }
}

/** A consumer on a fake channel, whose handler is told by the test what becomes of each delivery. */
async function attached() {
  const channel = new FakeChannel();
  const outcomes = new Map<number, PromiseWithResolvers<Disposition>>();
  const consumer = new EmailConsumer({
    prefetch: 8,
    receive: ({ fields }) => {
      const outcome = Promise.withResolvers<Disposition>();
      outcomes.set(fields.deliveryTag, outcome);
      return outcome.promise;
    },
  });
  let cancellations = 0;
  await consumer.attach(channel, () => cancellations++);
  return {
    channel,
    consumer,
    cancellations: () => cancellations,
    finish: async (deliveryTag: number, disposition: Disposition) => {
      outcomes.get(deliveryTag)?.resolve(disposition);
      await setImmediate();
    },
    fail: async (deliveryTag: number, error: Error) => {
      outcomes.get(deliveryTag)?.reject(error);
      await setImmediate();
    },
  };
}

/** Lets the time stand still; {@linkcode pass} moves it on. */
function stopTime() {
  mock.timers.enable({ apis: ["setTimeout"] });
  return {
    pass: async (milliseconds: number) => {
      await setImmediate();
      mock.timers.tick(milliseconds);
      await setImmediate();
    },
    [Symbol.dispose]: () => mock.timers.reset(),
  };
}

Deno.test("attach() limits the deliveries in flight before it consumes", async () => {
  const { channel } = await attached();
  deepEqual(channel.events, ["prefetch 8", "consume send-email"]);
});

for (
  const disposition of [
    DELIVERED,
    { outcome: "retried", reason: "451" },
    { outcome: "dead-lettered", reason: "550" },
  ] as const
) {
  Deno.test(`EmailConsumer acknowledges a message only after it is ${disposition.outcome}`, async () => {
    const { channel, finish } = await attached();
    channel.deliver(1);
    await setImmediate();
    deepEqual(channel.settled, []);
    await finish(1, disposition);
    deepEqual(channel.settled, ["ack 1"]);
  });
}

Deno.test("EmailConsumer handles deliveries side by side and acknowledges each by itself", async () => {
  const { channel, finish } = await attached();
  channel.deliver(1);
  channel.deliver(2);
  await finish(2, DELIVERED);
  deepEqual(channel.settled, ["ack 2"]);
  await finish(1, DELIVERED);
  deepEqual(channel.settled, ["ack 2", "ack 1"]);
});

Deno.test("EmailConsumer gives a message back that is not safe, after a second", async () => {
  using time = stopTime();
  const { channel, finish } = await attached();
  channel.deliver(1);
  await finish(1, { outcome: "requeued", reason: "no broker" });
  await time.pass(999);
  deepEqual(channel.settled, []);
  await time.pass(1);
  deepEqual(channel.settled, ["nack 1 all=false requeue=true"]);
});

Deno.test("EmailConsumer gives a message back whose handling threw", async () => {
  using time = stopTime();
  const { channel, fail } = await attached();
  channel.deliver(1);
  await fail(1, new TypeError("a bug"));
  await time.pass(1_000);
  deepEqual(channel.settled, ["nack 1 all=false requeue=true"]);
});

Deno.test("EmailConsumer survives that the channel closed before the acknowledgement", async () => {
  using time = stopTime();
  const { channel, consumer, finish } = await attached();
  channel.deliver(1);
  channel.closed = true;
  await finish(1, DELIVERED);
  await time.pass(1_000);
  await consumer.drain();
  deepEqual(channel.settled, ["cancel tag"]);
});

Deno.test("EmailConsumer tells when the broker cancels it", async () => {
  const { channel, cancellations } = await attached();
  equal(cancellations(), 0);
  channel.cancelByBroker();
  equal(cancellations(), 1);
  deepEqual(channel.settled, []);
});

Deno.test("drain() takes no further message and waits for those in flight", async () => {
  const { channel, consumer, finish } = await attached();
  channel.deliver(1);
  channel.deliver(2);
  let drained = false;
  const draining = consumer.drain().then(() => drained = true);
  await finish(1, DELIVERED);
  equal(drained, false);
  await finish(2, DELIVERED);
  await draining;
  deepEqual(channel.settled, ["cancel tag", "ack 1", "ack 2"]);
});

Deno.test("drain() waits for eight seconds at most", async () => {
  using time = stopTime();
  const { channel, consumer, finish } = await attached();
  channel.deliver(1);
  let drained = false;
  const draining = consumer.drain().then(() => drained = true);
  await time.pass(7_999);
  equal(drained, false);
  await time.pass(1);
  await draining;
  await finish(1, DELIVERED);
});

Deno.test("drain() ends at once when nothing was ever consumed", async () => {
  await new EmailConsumer({ prefetch: 1, receive: () => Promise.resolve(DELIVERED) }).drain();
});

Deno.test("attach() goes on with a new channel, and settles on the old one what came from there", async () => {
  const { channel, consumer, finish } = await attached();
  channel.deliver(1);
  const next = new FakeChannel();
  await consumer.attach(next, () => {});
  next.deliver(2);
  await finish(1, DELIVERED);
  await finish(2, DELIVERED);
  await consumer.drain();
  deepEqual(channel.settled, ["ack 1"]);
  deepEqual(next.settled, ["ack 2", "cancel tag"]);
});
