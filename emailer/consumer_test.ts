import { deepEqual, equal } from "node:assert/strict";
import { mock } from "node:test";
import { setImmediate } from "node:timers/promises";
import { deliveredMessage } from "@playground/shared/testing";
import type { ConsumeMessage } from "amqplib";
import { type ConsumingChannel, EmailConsumer } from "./consumer.ts";
import type { Disposition } from "./safekeeping.ts";

const DELIVERED: Disposition = { outcome: "delivered" };

/** What amqplib throws at the use of a closed channel. */
function closedError(): Error {
  return Object.assign(new Error("Channel closed"), { name: "IllegalOperationError" });
}

/** A channel that notes what is done to it, and delivers on demand. */
class FakeChannel implements ConsumingChannel {
  readonly events: string[] = [];
  #isClosed = false;
  #onClose = () => {};
  #onMessage: (message: ConsumeMessage | null) => void = () => {};

  deliver(deliveryTag: number): void {
    const message = deliveredMessage();
    this.#onMessage({ ...message, fields: { ...message.fields, deliveryTag } });
  }

  /** Closes it, as the broker or the network does. */
  break(): void {
    this.#isClosed = true;
    this.#onClose();
  }

  once(_event: "close", listener: () => void) {
    this.#onClose = listener;
  }

  close() {
    if (this.#isClosed) return Promise.reject(closedError());
    this.events.push("close");
    this.break();
    return Promise.resolve();
  }

  cancelByBroker(): void {
    this.#onMessage(null);
  }

  prefetch(count: number) {
    this.events.push(`prefetch ${count}`);
    return Promise.resolve({});
  }

  consume(queue: string, onMessage: (message: ConsumeMessage | null) => void) {
    if (this.#isClosed) return Promise.reject(closedError());
    this.events.push(`consume ${queue}`);
    this.#onMessage = onMessage;
    return Promise.resolve({ consumerTag: "tag" });
  }

  cancel(consumerTag: string) {
    this.events.push(`cancel ${consumerTag}`);
    return this.#isClosed ? Promise.reject(closedError()) : Promise.resolve({ consumerTag });
  }

  ack({ fields }: ConsumeMessage) {
    if (this.#isClosed) throw closedError();
    this.events.push(`ack ${fields.deliveryTag}`);
  }

  nack({ fields }: ConsumeMessage, allUpTo?: boolean, requeue?: boolean) {
    if (this.#isClosed) throw closedError();
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
  const signals = new Map<number, AbortSignal>();
  const consumer = new EmailConsumer({
    prefetch: 8,
    receive: ({ fields }, signal) => {
      const outcome = Promise.withResolvers<Disposition>();
      signals.set(fields.deliveryTag, signal);
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
    isCalledOff: (deliveryTag: number) => signals.get(deliveryTag)?.aborted,
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
    { outcome: "requeued", reason: "535", isSafe: true },
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
  await finish(1, { outcome: "requeued", reason: "no broker", isSafe: false });
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
  const { channel, consumer, finish } = await attached();
  channel.deliver(1);
  channel.break();
  await finish(1, DELIVERED);
  await consumer.drain();
  deepEqual(channel.settled, ["cancel tag"]);
});

Deno.test("EmailConsumer calls off what it handles when the channel closes, and gives nothing back", async () => {
  const { channel, consumer, finish, isCalledOff } = await attached();
  channel.deliver(1);
  equal(isCalledOff(1), false);
  channel.break();
  equal(isCalledOff(1), true);
  await finish(1, { outcome: "requeued", reason: "called off", isSafe: false });
  await consumer.drain();
  deepEqual(channel.settled, ["cancel tag"]);
});

Deno.test("stop() takes no further message, settles those in flight, and resume() consumes again", async () => {
  const { channel, consumer, finish } = await attached();
  channel.deliver(1);
  await consumer.stop();
  await finish(1, DELIVERED);
  await consumer.resume();
  channel.deliver(2);
  await finish(2, DELIVERED);
  deepEqual(channel.settled, ["cancel tag", "ack 1", "consume send-email", "ack 2"]);
});

Deno.test("stop() holds for the next channel as well, until resume()", async () => {
  const { channel, consumer } = await attached();
  await consumer.stop();
  channel.break();
  const next = new FakeChannel();
  await consumer.attach(next, () => {});
  deepEqual(next.events, ["prefetch 8"]);
  await consumer.resume();
  deepEqual(next.events, ["prefetch 8", "consume send-email"]);
});

Deno.test("resume() leaves it to the next channel when this one has closed", async () => {
  const { channel, consumer } = await attached();
  await consumer.stop();
  channel.break();
  await consumer.resume();
  const next = new FakeChannel();
  await consumer.attach(next, () => {});
  deepEqual(next.events, ["prefetch 8", "consume send-email"]);
});

Deno.test("stop() cancels a consumer that the broker has not yet confirmed", async () => {
  const channel = new FakeChannel();
  const consumer = new EmailConsumer({ prefetch: 1, receive: () => Promise.resolve(DELIVERED) });
  const confirmed = Promise.withResolvers<void>();
  const consume = channel.consume.bind(channel);
  channel.consume = async (queue, onMessage) => {
    const reply = await consume(queue, onMessage);
    await confirmed.promise;
    return reply;
  };
  const attaching = consumer.attach(channel, () => {});
  await setImmediate();
  const stopping = consumer.stop();
  confirmed.resolve();
  await Promise.all([attaching, stopping]);
  deepEqual(channel.settled, ["cancel tag"]);
});

Deno.test("resume() leaves one consumer, however slow the broker was to confirm the one before", async () => {
  const { channel, consumer } = await attached();
  await Promise.all([consumer.stop(), consumer.resume(), consumer.stop(), consumer.resume()]);
  deepEqual(channel.events.filter((event) => event.startsWith("consume")).length, 1);
  await consumer.stop();
  deepEqual(channel.settled, ["cancel tag"]);
});

Deno.test("EmailConsumer tells when the broker cancels it", async () => {
  const { channel, cancellations } = await attached();
  equal(cancellations(), 0);
  channel.cancelByBroker();
  equal(cancellations(), 1);
  deepEqual(channel.settled, []);
});

Deno.test("drain() takes no further message, waits for those in flight and closes the channel", async () => {
  const { channel, consumer, finish } = await attached();
  channel.deliver(1);
  channel.deliver(2);
  let drained = false;
  const draining = consumer.drain().then(() => drained = true);
  await finish(1, DELIVERED);
  equal(drained, false);
  await finish(2, DELIVERED);
  await draining;
  deepEqual(channel.settled, ["cancel tag", "ack 1", "ack 2", "close"]);
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
  deepEqual(next.settled, ["ack 2", "cancel tag", "close"]);
});
