import { deepEqual, equal } from "node:assert/strict";
import { fetchedMessage } from "@playground/shared/testing";
import type { GetMessage } from "amqplib";
import { DeadLetterQueue, type LookingChannel } from "./dead_letter_queue.ts";

/** A queue of the ids 1, 2, … on one channel, which notes how it was treated. */
class FakeChannel implements LookingChannel {
  readonly acked: number[] = [];
  /** The delivery tags of each `basic.nack`, all of which were requeued. */
  readonly nacked: number[] = [];
  readonly #size: number;
  #taken = 0;
  #back = 0;

  constructor(size: number) {
    this.#size = size;
  }

  checkQueue(queue: string) {
    return Promise.resolve({
      queue,
      messageCount: this.#size - this.#taken + this.#back,
      consumerCount: 0,
    });
  }

  get(): Promise<GetMessage | false> {
    if (this.#taken === this.#size) return Promise.resolve(false);
    const deliveryTag = ++this.#taken;
    return Promise.resolve(
      fetchedMessage({ properties: { messageId: idOf(deliveryTag) } }, deliveryTag),
    );
  }

  ack({ fields }: GetMessage) {
    this.acked.push(fields.deliveryTag);
  }

  nack({ fields }: GetMessage, allUpTo?: boolean, requeue?: boolean) {
    equal(allUpTo, true);
    equal(requeue, true);
    this.nacked.push(fields.deliveryTag);
    this.#back = fields.deliveryTag - this.acked.filter((tag) => tag <= fields.deliveryTag).length;
  }

  /** Somebody else takes what is left. */
  empty() {
    this.#taken = this.#size;
  }
}

function idOf(number: number): string {
  return `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;
}

for (
  const [what, isAborted] of [["somebody else takes the rest", false], ["an abort", true]] as const
) {
  Deno.test(`messages() ends at ${what}`, async () => {
    const channel = new FakeChannel(3);
    const stop = new AbortController();
    let count = 0;
    for await (const _ of new DeadLetterQueue(channel).messages(stop.signal)) {
      count++;
      if (isAborted) stop.abort();
      else channel.empty();
    }
    equal(count, 1);
  });
}

Deno.test("giveBack() gives back in batches of 32, which RabbitMQ keeps in order", async () => {
  const channel = new FakeChannel(70);
  const queue = new DeadLetterQueue(channel);
  const taken = await Array.fromAsync(queue.messages(), ({ fields }) => fields.deliveryTag);
  deepEqual(taken, Array.from({ length: 70 }, (_, index) => index + 1));
  await queue.giveBack();
  deepEqual(channel.nacked, [32, 64, 70]);
  equal(await queue.count(), 70);
});

Deno.test("giveBack() takes the rest before, since the queue appends what is given back", async () => {
  const channel = new FakeChannel(40);
  const queue = new DeadLetterQueue(channel);
  await queue.giveBack();
  deepEqual(channel.nacked, [], "nothing is held");
  await queue.find(idOf(3));
  await queue.giveBack();
  deepEqual(channel.nacked, [32, 40]);
});
