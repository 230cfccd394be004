import { deepEqual, equal, rejects } from "node:assert/strict";
import { fetchedMessage, stopTime } from "@playground/shared/testing";
import { DeadLetterQueue } from "./dead_letter_queue.ts";

function idOf(number: number): string {
  return `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;
}

const NO_CHANNEL = {
  get: () => Promise.resolve<false>(false),
  ack: () => {},
  nack: () => {},
  close: () => Promise.resolve(),
  once: () => {},
};

/**
 * A queue of the ids 1, 2, … on one channel, the first of which were given back before; `nacked` has the delivery tag of each
 * `basic.nack`.
 */
function bench(size: number, returnedCount = 0) {
  let taken = 0;
  let back = 0;
  const nacked: number[] = [];
  const queue = new DeadLetterQueue({
    ...NO_CHANNEL,
    checkQueue: (queue) =>
      Promise.resolve({ queue, messageCount: size - taken + back, consumerCount: 0 }),
    get: () => {
      if (taken === size) return Promise.resolve(false);
      taken++;
      const { fields, ...message } = fetchedMessage(
        { properties: { messageId: idOf(taken) } },
        taken,
      );
      return Promise.resolve({
        ...message,
        fields: { ...fields, redelivered: taken <= returnedCount },
      });
    },
    nack: ({ fields }, allUpTo, requeue) => {
      deepEqual([allUpTo, requeue], [true, true]);
      nacked.push(fields.deliveryTag);
      back = fields.deliveryTag;
    },
  });
  return { queue, nacked };
}

Deno.test("messages() rejects at once when the connection breaks amid a message", async () => {
  let breakOff = () => {};
  const queue = new DeadLetterQueue({
    ...NO_CHANNEL,
    once: (_event, listener) => breakOff = listener,
    checkQueue: (queue) => Promise.resolve({ queue, messageCount: 1, consumerCount: 0 }),
    get: () => {
      queueMicrotask(() => breakOff());
      return Promise.withResolvers<false>().promise;
    },
  });
  await rejects(queue.messages().next(), /^Error: the connection to RabbitMQ broke$/);
});

Deno.test("giveBack() gives back in batches of 32, which RabbitMQ keeps in order", async () => {
  const { queue, nacked } = bench(70);
  const taken = await Array.fromAsync(queue.messages(), ({ fields }) => fields.deliveryTag);
  deepEqual(taken, Array.from({ length: 70 }, (_, index) => index + 1));
  await queue.giveBack();
  deepEqual(nacked, [32, 64, 70]);
  equal(await queue.count(), 70);
});

Deno.test("find() yields the oldest of each email, and looks no further than the last of them", async () => {
  const { queue, nacked } = bench(40);
  const found = await Array.fromAsync(
    queue.find([idOf(5), idOf(3).toUpperCase()]),
    ({ fields }) => fields.deliveryTag,
  );
  deepEqual(found, [3, 5]);
  await queue.giveBack();
  deepEqual(nacked, [6]);
  deepEqual(await Array.fromAsync(queue.find([])), []);
});

Deno.test("giveBack() takes what was given back before too, since that would come first, until an abort", async () => {
  const { queue, nacked } = bench(40, 30);
  await queue.giveBack();
  deepEqual(nacked, [], "nothing is held");
  await Array.fromAsync(queue.find([idOf(3)]));
  await queue.giveBack();
  deepEqual(nacked, [31]);
  const other = bench(40, 30);
  await Array.fromAsync(other.queue.find([idOf(3)]));
  await other.queue.giveBack(AbortSignal.abort());
  deepEqual(other.nacked, [3]);
});

Deno.test("grows() is whether messages come back, whatever leaves meanwhile", async () => {
  for (
    const [counts, expected] of [[[5, 5, 5], false], [[5, 3, 2], false], [[5, 2, 3], true]] as const
  ) {
    const left = [...counts];
    const queue = new DeadLetterQueue({
      ...NO_CHANNEL,
      checkQueue: (queue) =>
        Promise.resolve({ queue, messageCount: left.shift() ?? 0, consumerCount: 0 }),
    });
    equal(await queue.grows(500, undefined, () => Promise.resolve()), expected, counts.join());
    if (!expected) deepEqual(left, [], "it ends before its time");
  }
});

// As RabbitMQ does while it blocks what is published on the same connection.
Deno.test("a broker that answers nothing more fails what one does, and the end waits no longer", async () => {
  using time = stopTime();
  const closed: string[] = [];
  const silence = () => new Promise<never>(() => {});
  const queue = new DeadLetterQueue({
    ...NO_CHANNEL,
    checkQueue: silence,
    close: () => {
      closed.push("closed");
      return silence();
    },
  });
  await rejects(time.passUntil(queue.remove(fetchedMessage()), 1_000), /RabbitMQ does not answer/);
  await queue[Symbol.asyncDispose]();
  deepEqual(closed, ["closed"]);
});
