import { deepEqual, equal } from "node:assert/strict";
import { fetchedMessage } from "@playground/shared/testing";
import { DeadLetterQueue } from "./dead_letter_queue.ts";

function idOf(number: number): string {
  return `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;
}

/** A queue of the ids 1, 2, … on one channel; `nacked` has the delivery tag of each `basic.nack`. */
function bench(size: number) {
  let taken = 0;
  let back = 0;
  const nacked: number[] = [];
  const queue = new DeadLetterQueue({
    checkQueue: (queue) =>
      Promise.resolve({ queue, messageCount: size - taken + back, consumerCount: 0 }),
    get: () => {
      if (taken === size) return Promise.resolve(false);
      taken++;
      return Promise.resolve(fetchedMessage({ properties: { messageId: idOf(taken) } }, taken));
    },
    ack: () => {},
    nack: ({ fields }, allUpTo, requeue) => {
      deepEqual([allUpTo, requeue], [true, true]);
      nacked.push(fields.deliveryTag);
      back = fields.deliveryTag;
    },
  });
  const takeTheRest = () => {
    taken = size;
  };
  return { queue, nacked, takeTheRest };
}

for (
  const [what, isAborted] of [["somebody else takes the rest", false], ["an abort", true]] as const
) {
  Deno.test(`messages() ends at ${what}`, async () => {
    const { queue, takeTheRest } = bench(3);
    const stop = new AbortController();
    let count = 0;
    for await (const _ of queue.messages(stop.signal)) {
      count++;
      if (isAborted) stop.abort();
      else takeTheRest();
    }
    equal(count, 1);
  });
}

Deno.test("giveBack() gives back in batches of 32, which RabbitMQ keeps in order", async () => {
  const { queue, nacked } = bench(70);
  const taken = await Array.fromAsync(queue.messages(), ({ fields }) => fields.deliveryTag);
  deepEqual(taken, Array.from({ length: 70 }, (_, index) => index + 1));
  await queue.giveBack();
  deepEqual(nacked, [32, 64, 70]);
  equal(await queue.count(), 70);
});

Deno.test("giveBack() takes the rest before, since the queue appends what is given back", async () => {
  const { queue, nacked } = bench(40);
  await queue.giveBack();
  deepEqual(nacked, [], "nothing is held");
  await queue.find(idOf(3));
  await queue.giveBack();
  deepEqual(nacked, [32, 40]);
});
