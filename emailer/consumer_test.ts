import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { deliveredMessage, stopTime } from "@playground/shared/testing";
import type { ConsumeMessage } from "amqplib";
import { type ConsumingChannel, EmailConsumer } from "./consumer.ts";
import type { Disposition } from "./republish.ts";

const DELIVERED: Disposition = { outcome: "delivered" };
const NOT_SAFE: Disposition = { outcome: "requeued", reason: "no broker", isSafe: false };
const BEGUN = ["prefetch 8", "consume send-email"];
const NOT_CONSUMED = { ready: false, reason: "The queue send-email is not consumed" };
/** How long an emailer is quiet before it consumes again. */
const QUIET_MS = 10_000;

/** amqplib's error for a closed channel. */
function closedError(): Error {
  return Object.assign(new Error("Channel closed"), { name: "IllegalOperationError" });
}

/** A channel that records calls, and delivers on demand. */
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

  /** The calls since the consuming began. */
  get settled(): readonly string[] {
    return this.events.slice(2);
  }

  #note(event: string): void {
    if (this.#isClosed) throw closedError();
    this.events.push(event);
  }
}

/** A consumer on fake channels, whose test decides the outcome of each delivery. */
async function attached(prefetch: number) {
  const channels: FakeChannel[] = [];
  const opening = { next: () => Promise.resolve(new FakeChannel()) };
  const deliveries = new Map<
    number,
    PromiseWithResolvers<Disposition> & { readonly signal: AbortSignal }
  >();
  const consumer = new EmailConsumer(({ fields }, signal) => {
    const delivery = { ...Promise.withResolvers<Disposition>(), signal };
    deliveries.set(fields.deliveryTag, delivery);
    return delivery.promise;
  }, prefetch);
  await consumer.attach(async () => {
    const channel = await opening.next();
    channels.push(channel);
    return channel;
  });
  const [channel] = channels;
  ok(channel !== undefined);
  return {
    channel,
    /** All that were opened, on the first connection. */
    channels,
    consumer,
    /** How the next channel opens; a test may change that. */
    opening,
    attachTo: (next: FakeChannel) => consumer.attach(() => Promise.resolve(next)),
    isCalledOff: (deliveryTag: number) => deliveries.get(deliveryTag)?.signal.aborted,
    finish: async (deliveryTag: number, result: Disposition | Error = DELIVERED) => {
      const delivery = deliveries.get(deliveryTag);
      if (result instanceof Error) delivery?.reject(result);
      else delivery?.resolve(result);
      await setImmediate();
    },
  };
}

type Bench = Awaited<ReturnType<typeof attached>> & Pick<ReturnType<typeof stopTime>, "pass">;

function consumerTest(
  behaviour: string,
  act: (bench: Bench) => Promise<void>,
  { prefetch = 8 } = {},
): void {
  Deno.test(`EmailConsumer: ${behaviour}`, async () => {
    using time = stopTime();
    const bench = await attached(prefetch);
    await act({ ...bench, pass: time.pass });
  });
}

for (
  const [what, result, afterMs, settled] of [
    ["is delivered", DELIVERED, 0, "ack 1"],
    ["will be tried again", { outcome: "retried", reason: "451" }, 0, "ack 1"],
    ["is a dead letter", { outcome: "dead-lettered", reason: "550" }, 0, "ack 1"],
    ["is back in the queue", { outcome: "requeued", reason: "535", isSafe: true }, 0, "ack 1"],
    ["is not safe", NOT_SAFE, 1_000, "nack 1 all=false requeue=true"],
    ["nobody could handle", new TypeError("a bug"), 1_000, "nack 1 all=false requeue=true"],
  ] as const
) {
  consumerTest(`a message that ${what}: ${settled} after ${afterMs} ms`, async (bench) => {
    const { channel, finish, pass } = bench;
    channel.deliver(1);
    await setImmediate();
    deepEqual(channel.events, BEGUN);
    await finish(1, result);
    if (afterMs > 0) {
      await pass(afterMs - 1);
      deepEqual(channel.settled, []);
      await pass(1);
    }
    deepEqual(channel.settled, [settled]);
  });
}

for (const result of [DELIVERED, NOT_SAFE]) {
  consumerTest(`aborts what its channel held (then ${result.outcome})`, async (bench) => {
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

consumerTest("stop() takes nothing more and settles the rest until resume()", async (bench) => {
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
  consumerTest(`stop() holds for the next channel, with resume() ${order} it`, async (bench) => {
    const { attachTo, channel, consumer } = bench;
    const next = new FakeChannel();
    await consumer.stop();
    channel.break();
    if (order === "before") await consumer.resume();
    await attachTo(next);
    deepEqual(next.events, order === "before" ? BEGUN : BEGUN.slice(0, 1));
    await consumer.resume();
    deepEqual(next.events, BEGUN);
  });
}

consumerTest("stop() cancels what the broker has not yet confirmed", async (bench) => {
  const { attachTo, consumer } = bench;
  const confirmation = Promise.withResolvers<void>();
  const next = Object.assign(new FakeChannel(), { confirmed: confirmation.promise });
  const attaching = attachTo(next);
  await setImmediate();
  const stopping = consumer.stop();
  confirmation.resolve();
  await Promise.all([attaching, stopping]);
  deepEqual(next.settled, ["cancel tag"]);
});

consumerTest("resume() leaves one consumer at a slow broker", async ({ channel, consumer }) => {
  await Promise.all([consumer.stop(), consumer.resume(), consumer.stop(), consumer.resume()]);
  deepEqual(channel.events, BEGUN);
  await consumer.stop();
  deepEqual(channel.settled, ["cancel tag"]);
});

consumerTest("consumes again when the broker cancels it, not ready meanwhile", async (bench) => {
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

consumerTest("opens a new channel when nothing was settled for ten seconds", async (bench) => {
  const { channel, channels, finish, pass } = bench;
  channel.deliver(1);
  await pass(QUIET_MS - 1);
  await finish(1);
  await pass(QUIET_MS - 1);
  equal(channels.length, 1);
  await pass(1);
  deepEqual(channels[1]?.events, BEGUN);
  deepEqual(channel.settled, ["ack 1", "cancel tag", "close"]);
  await pass(QUIET_MS);
  equal(channels.length, 3);
  deepEqual(channels[1]?.settled, ["cancel tag", "close"]);
});

consumerTest("readiness() consumes again at a proof older than a second", async (bench) => {
  const { channel, channels, consumer, finish, pass } = bench;
  await pass(1_000);
  deepEqual(await consumer.readiness(), { ready: true });
  equal(channels.length, 1);
  await pass(1);
  const answers = await Promise.all([consumer.readiness(), consumer.readiness()]);
  deepEqual(answers, [{ ready: true }, { ready: true }]);
  equal(channels.length, 2);
  deepEqual(channel.settled, ["cancel tag", "close"]);
  // At the prefetch limit, none is due.
  channels[1]?.deliver(1);
  channels[1]?.deliver(2);
  await pass(60_000);
  deepEqual(await consumer.readiness(), { ready: true });
  equal(channels.length, 2);
  await finish(1);
  await finish(2);
}, { prefetch: 2 });

for (
  const [what, open] of [
    ["gives no proof", () => Promise.reject<FakeChannel>(closedError())],
    ["says nothing for two seconds", () => new Promise<FakeChannel>(() => {})],
  ] as const
) {
  consumerTest(`is not ready when the broker ${what}`, async ({ consumer, opening, pass }) => {
    opening.next = open;
    await pass(1_001);
    const answer = consumer.readiness();
    await pass(2_000);
    deepEqual(await answer, NOT_CONSUMED);
  });
}

consumerTest("settles slow messages on the old channel, and then closes it", async (bench) => {
  const { channel, channels, finish, isCalledOff, pass } = bench;
  channel.deliver(1);
  await pass(QUIET_MS);
  deepEqual(channel.settled, ["cancel tag"]);
  equal(isCalledOff(1), false);
  channels[1]?.deliver(2);
  await finish(1);
  deepEqual(channel.settled, ["cancel tag", "ack 1", "close"]);
  await finish(2);
  deepEqual(channels[1]?.settled, ["ack 2"]);
});

consumerTest("keeps its channel at the prefetch limit", async (bench) => {
  const { channel, channels, finish, pass } = bench;
  channel.deliver(1);
  channel.deliver(2);
  await pass(6 * QUIET_MS);
  equal(channels.length, 1);
  await finish(1);
  await pass(QUIET_MS);
  equal(channels.length, 2);
  await finish(2);
}, { prefetch: 2 });

consumerTest("keeps the old channel until it consumes on the new one", async (bench) => {
  const { channel, opening, pass } = bench;
  const { promise: confirmed, resolve: confirm } = Promise.withResolvers<void>();
  opening.next = () => Promise.resolve(Object.assign(new FakeChannel(), { confirmed }));
  await pass(QUIET_MS);
  deepEqual(channel.settled, []);
  confirm();
  await pass(0);
  deepEqual(channel.settled, ["cancel tag", "close"]);
});

consumerTest("tries again when the channel could not be opened", async (bench) => {
  const { channel, channels, opening, pass } = bench;
  const { next } = opening;
  opening.next = () => Promise.reject(closedError());
  await pass(QUIET_MS);
  deepEqual(channel.settled, []);
  opening.next = next;
  await pass(QUIET_MS);
  deepEqual(channels[1]?.events, BEGUN);
});

consumerTest("opens no channel while it is stopped", async ({ channels, consumer, pass }) => {
  await consumer.stop();
  equal((await consumer.readiness()).ready, false);
  await pass(3 * QUIET_MS);
  equal(channels.length, 1);
  await consumer.resume();
  await pass(QUIET_MS);
  equal(channels.length, 2);
});

consumerTest("is not ready without its channel, or unconsumed", async (bench) => {
  const { attachTo, channel, consumer } = bench;
  channel.break();
  deepEqual(await consumer.readiness(), NOT_CONSUMED);
  const failing = new FakeChannel();
  failing.consume = () => Promise.reject(new Error("404 NOT_FOUND"));
  await rejects(attachTo(failing), /404/);
  deepEqual(await consumer.readiness(), NOT_CONSUMED);
});

Deno.test("EmailConsumer is not ready before it consumes, and drain() ends at once then", async () => {
  const consumer = new EmailConsumer(() => Promise.resolve(DELIVERED), 1);
  deepEqual(await consumer.readiness(), NOT_CONSUMED);
  await consumer.drain();
});

consumerTest("drain() settles each message in flight, and closes the channel", async (bench) => {
  const { channel, consumer, finish } = bench;
  channel.deliver(1);
  channel.deliver(2);
  const draining = consumer.drain();
  await finish(2);
  deepEqual(channel.settled, ["cancel tag", "ack 2"]);
  await finish(1);
  await draining;
  deepEqual(channel.settled, ["cancel tag", "ack 2", "ack 1", "close"]);
});

consumerTest("drain() waits for at most eight seconds", async (bench) => {
  const { channel, consumer, finish, pass } = bench;
  channel.deliver(1);
  let drained = false;
  const draining = consumer.drain().then(() => drained = true);
  await pass(7_999);
  equal(drained, false);
  await pass(1);
  await draining;
  await finish(1);
});

consumerTest("attach() closes a channel that opens too late", async (bench) => {
  const { attachTo, consumer } = bench;
  const [late, next] = [new FakeChannel(), new FakeChannel()];
  const opening = Promise.withResolvers<FakeChannel>();
  const attaching = consumer.attach(() => opening.promise);
  await attachTo(next);
  opening.resolve(late);
  await attaching;
  deepEqual(late.events, ["prefetch 8", "close"]);
  deepEqual(next.events, BEGUN);
});
