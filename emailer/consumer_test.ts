import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { mock } from "node:test";
import { setImmediate } from "node:timers/promises";
import { deliveredMessage, stopTime } from "@playground/shared/testing";
import type { ConsumeMessage } from "amqplib";
import { type ConsumingChannel, EmailConsumer } from "./consumer.ts";
import type { Disposition } from "./republish.ts";

const DELIVERED: Disposition = { outcome: "delivered" };
const NOT_SAFE: Disposition = { outcome: "requeued", reason: "no broker", isSafe: false };
const BEGUN = ["prefetch 8", "consume send-email"];
const NOT_CONSUMED = { ready: false, reason: "The queue send-email is not consumed" };
/** How long an emailer is quiet before it consumes anew. */
const QUIET_MS = 10_000;

/** What amqplib throws at the use of a closed channel. */
function closedError(): Error {
  return Object.assign(new Error("Channel closed"), { name: "IllegalOperationError" });
}

/** A channel that notes what is done to it, and delivers on demand. */
class FakeChannel implements ConsumingChannel {
  readonly events: string[] = [];
  /** Resolves when the broker confirms that it is consumed. */
  confirmed = Promise.resolve();
  #isClosed = false;
  #onClose = () => {};
  #onMessage: (message: ConsumeMessage | null) => void = () => {};

  deliver(deliveryTag: number): void {
    const message = deliveredMessage();
    this.#onMessage({ ...message, fields: { ...message.fields, deliveryTag } });
  }

  cancelByBroker(): void {
    this.#onMessage(null);
  }

  /** Closes it, as the broker or the network does. */
  break(): void {
    this.#isClosed = true;
    this.#onClose();
  }

  once(_event: "close", listener: () => void) {
    this.#onClose = listener;
  }

  async close() {
    await this.#note("close");
    this.break();
  }

  async prefetch(count: number) {
    await this.#note(`prefetch ${count}`);
    return {};
  }

  async consume(queue: string, onMessage: (message: ConsumeMessage | null) => void) {
    await this.#note(`consume ${queue}`);
    this.#onMessage = onMessage;
    await this.confirmed;
    return { consumerTag: "tag" };
  }

  async cancel(consumerTag: string) {
    await this.#note(`cancel ${consumerTag}`);
    return { consumerTag };
  }

  ack({ fields }: ConsumeMessage) {
    this.#note(`ack ${fields.deliveryTag}`);
  }

  nack({ fields }: ConsumeMessage, allUpTo?: boolean, requeue?: boolean) {
    this.#note(`nack ${fields.deliveryTag} all=${allUpTo} requeue=${requeue}`);
  }

  /** What happened since the consuming began. */
  get settled(): readonly string[] {
    return this.events.slice(2);
  }

  #note(event: string): void {
    if (this.#isClosed) throw closedError();
    this.events.push(event);
  }
}

interface BenchOptions {
  readonly prefetch?: number;
  /** Opens the first channel, the second, … */
  readonly open?: (index: number) => Promise<FakeChannel>;
}

/** A consumer on fake channels, whose handler is told by the test what becomes of each delivery. */
async function attached(
  { prefetch = 8, open = () => Promise.resolve(new FakeChannel()) }: BenchOptions = {},
) {
  const channels: FakeChannel[] = [];
  let openingCount = 0;
  const deliveries = new Map<
    number,
    PromiseWithResolvers<Disposition> & { readonly signal: AbortSignal }
  >();
  const consumer = new EmailConsumer({
    prefetch,
    receive: ({ fields }, signal) => {
      const delivery = { ...Promise.withResolvers<Disposition>(), signal };
      deliveries.set(fields.deliveryTag, delivery);
      return delivery.promise;
    },
  });
  await consumer.attach(async () => {
    const channel = await open(openingCount++);
    channels.push(channel);
    return channel;
  });
  const [channel] = channels;
  ok(channel !== undefined);
  return {
    channel,
    channels,
    consumer,
    openingCount: () => openingCount,
    isCalledOff: (deliveryTag: number) => deliveries.get(deliveryTag)?.signal.aborted,
    finish: async (deliveryTag: number, result: Disposition | Error = DELIVERED) => {
      const delivery = deliveries.get(deliveryTag);
      if (result instanceof Error) delivery?.reject(result);
      else delivery?.resolve(result);
      await setImmediate();
    },
    // Ends the timer of the quiet time.
    [Symbol.asyncDispose]: () => consumer.stop(),
  };
}

/** Lets `performance.now()` be what the test says. */
function stopClock() {
  const clock = { nowMs: 1_000_000, [Symbol.dispose]: () => now.mock.restore() };
  const now = mock.method(performance, "now", () => clock.nowMs);
  return clock;
}

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
    deepEqual(channel.events, BEGUN);
    await finish(1, disposition);
    deepEqual(channel.settled, ["ack 1"]);
  });
}

Deno.test("EmailConsumer handles deliveries side by side and acknowledges each by itself", async () => {
  await using bench = await attached();
  const { channel, finish } = bench;
  channel.deliver(1);
  channel.deliver(2);
  await finish(2);
  deepEqual(channel.settled, ["ack 2"]);
  await finish(1);
  deepEqual(channel.settled, ["ack 2", "ack 1"]);
});

for (
  const [what, result] of [
    ["is not safe", NOT_SAFE],
    ["nobody could handle", new TypeError("a bug")],
  ] as const
) {
  Deno.test(`EmailConsumer gives a message back that ${what}, after a second`, async () => {
    using time = stopTime();
    await using bench = await attached();
    const { channel, finish } = bench;
    channel.deliver(1);
    await finish(1, result);
    await time.pass(999);
    deepEqual(channel.settled, []);
    await time.pass(1);
    deepEqual(channel.settled, ["nack 1 all=false requeue=true"]);
  });
}

for (const result of [DELIVERED, NOT_SAFE]) {
  Deno.test(`EmailConsumer calls off a message whose channel closes, and settles nothing once it is ${result.outcome}`, async () => {
    await using bench = await attached();
    const { channel, consumer, finish, isCalledOff } = bench;
    channel.deliver(1);
    equal(isCalledOff(1), false);
    channel.break();
    equal(isCalledOff(1), true);
    await finish(1, result);
    await consumer.drain();
    deepEqual(channel.settled, []);
  });
}

Deno.test("stop() takes no further message, settles those in flight, and resume() consumes again", async () => {
  await using bench = await attached();
  const { channel, consumer, finish } = bench;
  channel.deliver(1);
  await consumer.stop();
  await finish(1);
  await consumer.resume();
  channel.deliver(2);
  await finish(2);
  deepEqual(channel.settled, ["cancel tag", "ack 1", "consume send-email", "ack 2"]);
});

for (const order of ["before", "after"] as const) {
  Deno.test(`stop() holds for the next channel too, until resume(), which comes ${order} it`, async () => {
    await using bench = await attached();
    const { channel, consumer } = bench;
    const next = new FakeChannel();
    await consumer.stop();
    channel.break();
    if (order === "before") await consumer.resume();
    await consumer.attach(() => Promise.resolve(next));
    deepEqual(next.events, order === "before" ? BEGUN : BEGUN.slice(0, 1));
    await consumer.resume();
    deepEqual(next.events, BEGUN);
  });
}

Deno.test("stop() cancels a consumer that the broker has not yet confirmed", async () => {
  await using bench = await attached();
  const { consumer } = bench;
  const confirmation = Promise.withResolvers<void>();
  const next = Object.assign(new FakeChannel(), { confirmed: confirmation.promise });
  const attaching = consumer.attach(() => Promise.resolve(next));
  await setImmediate();
  const stopping = consumer.stop();
  confirmation.resolve();
  await Promise.all([attaching, stopping]);
  deepEqual(next.settled, ["cancel tag"]);
});

Deno.test("resume() leaves one consumer, however slow the broker was to confirm the one before", async () => {
  await using bench = await attached();
  const { channel, consumer } = bench;
  await Promise.all([consumer.stop(), consumer.resume(), consumer.stop(), consumer.resume()]);
  deepEqual(channel.events, BEGUN);
  await consumer.stop();
  deepEqual(channel.settled, ["cancel tag"]);
});

Deno.test("EmailConsumer consumes anew when the broker cancels it, and is not ready meanwhile", async () => {
  await using bench = await attached();
  const { channel, channels, consumer, finish } = bench;
  deepEqual(await consumer.readiness(), { ready: true });
  channel.deliver(1);
  channel.cancelByBroker();
  deepEqual(await consumer.readiness(), NOT_CONSUMED);
  await setImmediate();
  deepEqual(channels[1]?.events, BEGUN);
  deepEqual(await consumer.readiness(), { ready: true });
  await finish(1);
  deepEqual(channel.settled, ["ack 1", "close"]);
});

Deno.test("EmailConsumer opens its channel anew when nothing was settled for ten seconds", async () => {
  using time = stopTime();
  await using bench = await attached();
  const { channel, channels, finish } = bench;
  channel.deliver(1);
  await time.pass(QUIET_MS - 1);
  await finish(1);
  await time.pass(QUIET_MS - 1);
  equal(channels.length, 1);
  await time.pass(1);
  deepEqual(channels[1]?.events, BEGUN);
  deepEqual(channel.settled, ["ack 1", "cancel tag", "close"]);
  await time.pass(QUIET_MS);
  equal(channels.length, 3);
  deepEqual(channels[1]?.settled, ["cancel tag", "close"]);
});

Deno.test("readiness() consumes anew when the last proof is older than a second", async () => {
  using clock = stopClock();
  await using bench = await attached({ prefetch: 2 });
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
  await finish(1);
  await finish(2);
});

for (
  const [what, opening] of [
    ["gives no proof", () => Promise.reject<FakeChannel>(closedError())],
    ["says nothing for two seconds", () => new Promise<FakeChannel>(() => {})],
  ] as const
) {
  Deno.test(`readiness() says that the queue is not consumed when the broker ${what}`, async () => {
    using clock = stopClock();
    using time = stopTime();
    await using bench = await attached({
      open: (index) => index === 0 ? Promise.resolve(new FakeChannel()) : opening(),
    });
    clock.nowMs += 1_001;
    const answer = bench.consumer.readiness();
    await time.pass(2_000);
    deepEqual(await answer, NOT_CONSUMED);
  });
}

Deno.test("EmailConsumer settles on the old channel what is slow, and closes it only then", async () => {
  using time = stopTime();
  await using bench = await attached();
  const { channel, channels, finish, isCalledOff } = bench;
  channel.deliver(1);
  await time.pass(QUIET_MS);
  deepEqual(channel.settled, ["cancel tag"]);
  equal(isCalledOff(1), false);
  channels[1]?.deliver(2);
  await finish(1);
  deepEqual(channel.settled, ["cancel tag", "ack 1", "close"]);
  await finish(2);
  deepEqual(channels[1]?.settled, ["ack 2"]);
});

Deno.test("EmailConsumer keeps its channel while it has as many slow messages as it may", async () => {
  using time = stopTime();
  await using bench = await attached({ prefetch: 2 });
  const { channel, channels, finish } = bench;
  channel.deliver(1);
  channel.deliver(2);
  await time.pass(6 * QUIET_MS);
  equal(channels.length, 1);
  await finish(1);
  await time.pass(QUIET_MS);
  equal(channels.length, 2);
  await finish(2);
});

Deno.test("EmailConsumer goes on with the old channel until it consumes on the new one", async () => {
  using time = stopTime();
  const confirmation = Promise.withResolvers<void>();
  await using bench = await attached({
    open: (index) =>
      Promise.resolve(
        Object.assign(new FakeChannel(), index === 1 ? { confirmed: confirmation.promise } : {}),
      ),
  });
  const { channel, consumer } = bench;
  await time.pass(QUIET_MS);
  deepEqual(channel.settled, []);
  deepEqual(await consumer.readiness(), { ready: true });
  confirmation.resolve();
  await time.pass(0);
  deepEqual(channel.settled, ["cancel tag", "close"]);
});

Deno.test("EmailConsumer tries again when the channel could not be opened", async () => {
  using time = stopTime();
  await using bench = await attached({
    open: (index) =>
      index === 0 ? Promise.resolve(new FakeChannel()) : Promise.reject(closedError()),
  });
  const { channel, consumer, openingCount } = bench;
  await time.pass(QUIET_MS);
  await time.pass(QUIET_MS);
  equal(openingCount(), 3);
  deepEqual(channel.settled, []);
  deepEqual(await consumer.readiness(), { ready: true });
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

Deno.test("EmailConsumer is not ready after its channel has closed, or could not be consumed", async () => {
  await using bench = await attached();
  const { channel, consumer } = bench;
  channel.break();
  deepEqual(await consumer.readiness(), NOT_CONSUMED);
  const failing = new FakeChannel();
  failing.consume = () => Promise.reject(new Error("404 NOT_FOUND"));
  await rejects(consumer.attach(() => Promise.resolve(failing)), /404/);
  deepEqual(await consumer.readiness(), NOT_CONSUMED);
});

Deno.test("EmailConsumer is not ready before it consumes, and drain() ends at once then", async () => {
  const consumer = new EmailConsumer({ prefetch: 1, receive: () => Promise.resolve(DELIVERED) });
  deepEqual(await consumer.readiness(), NOT_CONSUMED);
  await consumer.drain();
});

Deno.test("drain() takes no further message, waits for those in flight and closes the channel", async () => {
  await using bench = await attached();
  const { channel, consumer, finish } = bench;
  channel.deliver(1);
  channel.deliver(2);
  let drained = false;
  const draining = consumer.drain().then(() => drained = true);
  await finish(1);
  equal(drained, false);
  await finish(2);
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
  await finish(1);
});

Deno.test("attach() goes on with a new channel, and settles on the old one what came from there", async () => {
  await using bench = await attached();
  const { channel, consumer, finish } = bench;
  channel.deliver(1);
  const next = new FakeChannel();
  await consumer.attach(() => Promise.resolve(next));
  next.deliver(2);
  await finish(1);
  await finish(2);
  await consumer.drain();
  deepEqual(channel.settled, ["cancel tag", "ack 1", "close"]);
  deepEqual(next.settled, ["ack 2", "cancel tag", "close"]);
});

Deno.test("attach() closes a channel that opens after the next connection has come", async () => {
  await using bench = await attached();
  const { consumer } = bench;
  const [late, next] = [new FakeChannel(), new FakeChannel()];
  const opening = Promise.withResolvers<FakeChannel>();
  const attaching = consumer.attach(() => opening.promise);
  await consumer.attach(() => Promise.resolve(next));
  opening.resolve(late);
  await attaching;
  deepEqual(late.events, ["prefetch 8", "close"]);
  deepEqual(next.events, BEGUN);
});
