import { deepEqual, equal, ok, rejects } from "node:assert/strict";
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

/** A consumer on fake channels, whose handler is told by the test what becomes of each delivery. */
async function attached(prefetch = 8) {
  const channels: FakeChannel[] = [];
  const openChannel = () => {
    const channel = new FakeChannel();
    channels.push(channel);
    return Promise.resolve(channel);
  };
  const outcomes = new Map<number, PromiseWithResolvers<Disposition>>();
  const signals = new Map<number, AbortSignal>();
  const consumer = new EmailConsumer({
    prefetch,
    receive: ({ fields }, signal) => {
      const outcome = Promise.withResolvers<Disposition>();
      signals.set(fields.deliveryTag, signal);
      outcomes.set(fields.deliveryTag, outcome);
      return outcome.promise;
    },
  });
  await consumer.attach(openChannel);
  const [channel] = channels;
  ok(channel !== undefined);
  return {
    channel,
    channels,
    openChannel,
    consumer,
    isCalledOff: (deliveryTag: number) => signals.get(deliveryTag)?.aborted,
    finish: async (deliveryTag: number, disposition: Disposition) => {
      outcomes.get(deliveryTag)?.resolve(disposition);
      await setImmediate();
    },
    fail: async (deliveryTag: number, error: Error) => {
      outcomes.get(deliveryTag)?.reject(error);
      await setImmediate();
    },
    // Ends the timer of the quiet time.
    [Symbol.asyncDispose]: () => consumer.stop(),
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

/** Lets `performance.now()` be what the test says. */
function stopClock() {
  const clock = { nowMs: 1_000_000, [Symbol.dispose]: () => now.mock.restore() };
  const now = mock.method(performance, "now", () => clock.nowMs);
  return clock;
}

Deno.test("attach() limits the deliveries in flight before it consumes", async () => {
  await using bench = await attached();
  const { channel } = bench;
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
    await using bench = await attached();
    const { channel, finish } = bench;
    channel.deliver(1);
    await setImmediate();
    deepEqual(channel.settled, []);
    await finish(1, disposition);
    deepEqual(channel.settled, ["ack 1"]);
  });
}

Deno.test("EmailConsumer handles deliveries side by side and acknowledges each by itself", async () => {
  await using bench = await attached();
  const { channel, finish } = bench;
  channel.deliver(1);
  channel.deliver(2);
  await finish(2, DELIVERED);
  deepEqual(channel.settled, ["ack 2"]);
  await finish(1, DELIVERED);
  deepEqual(channel.settled, ["ack 2", "ack 1"]);
});

Deno.test("EmailConsumer gives a message back that is not safe, after a second", async () => {
  using time = stopTime();
  await using bench = await attached();
  const { channel, finish } = bench;
  channel.deliver(1);
  await finish(1, { outcome: "requeued", reason: "no broker", isSafe: false });
  await time.pass(999);
  deepEqual(channel.settled, []);
  await time.pass(1);
  deepEqual(channel.settled, ["nack 1 all=false requeue=true"]);
});

Deno.test("EmailConsumer gives a message back whose handling threw", async () => {
  using time = stopTime();
  await using bench = await attached();
  const { channel, fail } = bench;
  channel.deliver(1);
  await fail(1, new TypeError("a bug"));
  await time.pass(1_000);
  deepEqual(channel.settled, ["nack 1 all=false requeue=true"]);
});

Deno.test("EmailConsumer survives that the channel closed before the acknowledgement", async () => {
  await using bench = await attached();
  const { channel, consumer, finish } = bench;
  channel.deliver(1);
  channel.break();
  await finish(1, DELIVERED);
  await consumer.drain();
  deepEqual(channel.settled, []);
});

Deno.test("EmailConsumer calls off what it handles when the channel closes, and gives nothing back", async () => {
  await using bench = await attached();
  const { channel, consumer, finish, isCalledOff } = bench;
  channel.deliver(1);
  equal(isCalledOff(1), false);
  channel.break();
  equal(isCalledOff(1), true);
  await finish(1, { outcome: "requeued", reason: "called off", isSafe: false });
  await consumer.drain();
  deepEqual(channel.settled, []);
});

Deno.test("stop() takes no further message, settles those in flight, and resume() consumes again", async () => {
  await using bench = await attached();
  const { channel, consumer, finish } = bench;
  channel.deliver(1);
  await consumer.stop();
  await finish(1, DELIVERED);
  await consumer.resume();
  channel.deliver(2);
  await finish(2, DELIVERED);
  deepEqual(channel.settled, ["cancel tag", "ack 1", "consume send-email", "ack 2"]);
});

Deno.test("stop() holds for the next channel as well, until resume()", async () => {
  await using bench = await attached();
  const { channel, consumer } = bench;
  await consumer.stop();
  channel.break();
  const next = new FakeChannel();
  await consumer.attach(() => Promise.resolve(next));
  deepEqual(next.events, ["prefetch 8"]);
  await consumer.resume();
  deepEqual(next.events, ["prefetch 8", "consume send-email"]);
});

Deno.test("resume() leaves it to the next channel when this one has closed", async () => {
  await using bench = await attached();
  const { channel, consumer } = bench;
  await consumer.stop();
  channel.break();
  await consumer.resume();
  const next = new FakeChannel();
  await consumer.attach(() => Promise.resolve(next));
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
  const attaching = consumer.attach(() => Promise.resolve(channel));
  await setImmediate();
  const stopping = consumer.stop();
  confirmed.resolve();
  await Promise.all([attaching, stopping]);
  deepEqual(channel.settled, ["cancel tag"]);
});

Deno.test("resume() leaves one consumer, however slow the broker was to confirm the one before", async () => {
  await using bench = await attached();
  const { channel, consumer } = bench;
  await Promise.all([consumer.stop(), consumer.resume(), consumer.stop(), consumer.resume()]);
  deepEqual(channel.events.filter((event) => event.startsWith("consume")).length, 1);
  await consumer.stop();
  deepEqual(channel.settled, ["cancel tag"]);
});

/** How long an emailer is quiet before it consumes anew. */
const QUIET_MS = 10_000;

Deno.test("EmailConsumer consumes anew when the broker cancels it, and is not ready meanwhile", async () => {
  await using bench = await attached();
  const { channel, channels, consumer, finish } = bench;
  deepEqual(await consumer.readiness(), { ready: true });
  channel.deliver(1);
  channel.cancelByBroker();
  deepEqual(await consumer.readiness(), {
    ready: false,
    reason: "The queue send-email is not consumed",
  });
  await setImmediate();
  deepEqual(channels[1]?.events, ["prefetch 8", "consume send-email"]);
  deepEqual(await consumer.readiness(), { ready: true });
  await finish(1, DELIVERED);
  deepEqual(channel.settled, ["ack 1", "close"]);
});

Deno.test("EmailConsumer opens its channel anew when nothing was settled for ten seconds", async () => {
  using time = stopTime();
  await using bench = await attached();
  const { channel, channels, finish } = bench;
  channel.deliver(1);
  await time.pass(QUIET_MS - 1);
  await finish(1, DELIVERED);
  await time.pass(QUIET_MS - 1);
  equal(channels.length, 1);
  await time.pass(1);
  deepEqual(channels[1]?.events, ["prefetch 8", "consume send-email"]);
  deepEqual(channel.settled, ["ack 1", "cancel tag", "close"]);
  await time.pass(QUIET_MS);
  equal(channels.length, 3);
  deepEqual(channels[1]?.settled, ["cancel tag", "close"]);
});

Deno.test("readiness() consumes anew when the last proof is older than a second", async () => {
  using clock = stopClock();
  await using bench = await attached(2);
  const { channel, channels, consumer, finish } = bench;
  clock.nowMs += 1_000;
  deepEqual(await consumer.readiness(), { ready: true });
  equal(channels.length, 1);
  clock.nowMs += 1;
  const answers = await Promise.all([consumer.readiness(), consumer.readiness()]);
  deepEqual(answers, [{ ready: true }, { ready: true }]);
  equal(channels.length, 2);
  deepEqual(channel.settled, ["cancel tag", "close"]);
  // With as many in flight as there may be, none is missing.
  channels[1]?.deliver(1);
  channels[1]?.deliver(2);
  clock.nowMs += 60_000;
  deepEqual(await consumer.readiness(), { ready: true });
  equal(channels.length, 2);
  await finish(1, DELIVERED);
  await finish(2, DELIVERED);
});

Deno.test("readiness() says that the queue is not consumed when the broker gives no proof", async () => {
  using clock = stopClock();
  const channel = new FakeChannel();
  let opened = 0;
  const consumer = new EmailConsumer({ prefetch: 1, receive: () => Promise.resolve(DELIVERED) });
  await consumer.attach(() =>
    opened++ === 0 ? Promise.resolve(channel) : Promise.reject(closedError())
  );
  clock.nowMs += 1_001;
  deepEqual(await consumer.readiness(), {
    ready: false,
    reason: "The queue send-email is not consumed",
  });
  await consumer.stop();
});

Deno.test("readiness() waits two seconds at most for a silent broker", async () => {
  using clock = stopClock();
  using time = stopTime();
  const channel = new FakeChannel();
  let opened = 0;
  const consumer = new EmailConsumer({ prefetch: 1, receive: () => Promise.resolve(DELIVERED) });
  await consumer.attach(() =>
    opened++ === 0 ? Promise.resolve(channel) : new Promise<never>(() => {})
  );
  clock.nowMs += 1_001;
  const answer = consumer.readiness();
  await time.pass(2_000);
  equal((await answer).ready, false);
  await consumer.stop();
});

Deno.test("EmailConsumer settles on the old channel what is slow, and closes it only then", async () => {
  using time = stopTime();
  await using bench = await attached();
  const { channel, channels, finish, isCalledOff } = bench;
  channel.deliver(1);
  await time.pass(QUIET_MS);
  equal(channels.length, 2);
  // The broker sent one more before it heard of the end.
  deepEqual(channel.settled, ["cancel tag"]);
  equal(isCalledOff(1), false);
  channels[1]?.deliver(2);
  await finish(1, DELIVERED);
  deepEqual(channel.settled, ["cancel tag", "ack 1", "close"]);
  await finish(2, DELIVERED);
  deepEqual(channels[1]?.settled, ["ack 2"]);
});

Deno.test("EmailConsumer keeps its channel while it has as many slow messages as it may", async () => {
  using time = stopTime();
  await using bench = await attached(2);
  const { channel, channels, finish } = bench;
  channel.deliver(1);
  channel.deliver(2);
  await time.pass(6 * QUIET_MS);
  equal(channels.length, 1);
  await finish(1, DELIVERED);
  await time.pass(QUIET_MS);
  equal(channels.length, 2);
  await finish(2, DELIVERED);
});

Deno.test("EmailConsumer goes on with the old channel until it consumes on the new one", async () => {
  using time = stopTime();
  const channels = [new FakeChannel(), new FakeChannel()];
  const confirmed = Promise.withResolvers<void>();
  const next = channels[1];
  ok(next !== undefined);
  const consume = next.consume.bind(next);
  next.consume = async (queue, onMessage) => {
    await confirmed.promise;
    return await consume(queue, onMessage);
  };
  const consumer = new EmailConsumer({ prefetch: 1, receive: () => Promise.resolve(DELIVERED) });
  let opened = 0;
  await consumer.attach(() => Promise.resolve(channels[opened++] ?? new FakeChannel()));
  await time.pass(QUIET_MS);
  deepEqual(channels[0]?.settled, []);
  deepEqual(next.events, ["prefetch 1"]);
  deepEqual(await consumer.readiness(), { ready: true });
  confirmed.resolve();
  await time.pass(0);
  deepEqual(channels[0]?.settled, ["cancel tag", "close"]);
  await consumer.stop();
});

Deno.test("EmailConsumer tries again when the channel could not be opened", async () => {
  using time = stopTime();
  const channel = new FakeChannel();
  let openingCount = 0;
  const consumer = new EmailConsumer({ prefetch: 1, receive: () => Promise.resolve(DELIVERED) });
  await consumer.attach(() =>
    ++openingCount === 1 ? Promise.resolve(channel) : Promise.reject(closedError())
  );
  await time.pass(QUIET_MS);
  await time.pass(QUIET_MS);
  equal(openingCount, 3);
  deepEqual(channel.settled, []);
  deepEqual(await consumer.readiness(), { ready: true });
  await consumer.stop();
});

Deno.test("EmailConsumer opens no channel while it is stopped", async () => {
  using time = stopTime();
  await using bench = await attached();
  const { channels, consumer } = bench;
  await consumer.stop();
  equal((await consumer.readiness()).ready, false);
  await time.pass(3 * QUIET_MS);
  equal(channels.length, 1);
  await consumer.resume();
  await time.pass(QUIET_MS);
  equal(channels.length, 2);
});

Deno.test("EmailConsumer is not ready before it consumes, nor after its channel has closed", async () => {
  const consumer = new EmailConsumer({ prefetch: 1, receive: () => Promise.resolve(DELIVERED) });
  const isReady = async () => (await consumer.readiness()).ready;
  equal(await isReady(), false);
  const channel = new FakeChannel();
  await consumer.attach(() => Promise.resolve(channel));
  equal(await isReady(), true);
  channel.break();
  equal(await isReady(), false);
  const failing = new FakeChannel();
  failing.consume = () => Promise.reject(new Error("404 NOT_FOUND"));
  await rejects(consumer.attach(() => Promise.resolve(failing)), /404/);
  equal(await isReady(), false);
  await consumer.stop();
});

Deno.test("drain() takes no further message, waits for those in flight and closes the channel", async () => {
  await using bench = await attached();
  const { channel, consumer, finish } = bench;
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
  await using bench = await attached();
  const { channel, consumer, finish } = bench;
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
  await using bench = await attached();
  const { channel, consumer, finish } = bench;
  channel.deliver(1);
  const next = new FakeChannel();
  await consumer.attach(() => Promise.resolve(next));
  next.deliver(2);
  await finish(1, DELIVERED);
  await finish(2, DELIVERED);
  await consumer.drain();
  deepEqual(channel.settled, ["cancel tag", "ack 1", "close"]);
  deepEqual(next.settled, ["ack 2", "cancel tag", "close"]);
});
