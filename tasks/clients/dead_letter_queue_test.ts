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

async function takeAll(queue: DeadLetterQueue): Promise<GetMessage[]> {
  return await Array.fromAsync(queue.messages());
}

Deno.test("messages() yields each message once, the oldest first", async () => {
  const queue = new DeadLetterQueue(new FakeChannel(3));
  deepEqual(
    (await takeAll(queue)).map(({ fields }) => fields.deliveryTag),
    [1, 2, 3],
  );
});

Deno.test("messages() ends when somebody else has taken the rest", async () => {
  const channel = new FakeChannel(3);
  const queue = new DeadLetterQueue(channel);
  let count = 0;
  for await (const _ of queue.messages()) {
    count++;
    channel.empty();
  }
  equal(count, 1);
});

Deno.test("messages() ends at an abort", async () => {
  const queue = new DeadLetterQueue(new FakeChannel(3));
  const stop = new AbortController();
  let count = 0;
  for await (const _ of queue.messages(stop.signal)) {
    count++;
    stop.abort();
  }
  equal(count, 1);
});

Deno.test("giveBack() gives back in batches of 32, which RabbitMQ keeps in order", async () => {
  const channel = new FakeChannel(70);
  const queue = new DeadLetterQueue(channel);
  await takeAll(queue);
  await queue.giveBack();
  deepEqual(channel.nacked, [32, 64, 70]);
  equal(await queue.count(), 70);
});

Deno.test("giveBack() does not give back what was removed, nor anything twice", async () => {
  const channel = new FakeChannel(3);
  const queue = new DeadLetterQueue(channel);
  for (const message of await takeAll(queue)) {
    if (message.fields.deliveryTag !== 2) queue.remove(message);
  }
  await queue.giveBack();
  await queue.giveBack();
  deepEqual({ acked: channel.acked, nacked: channel.nacked }, { acked: [1, 3], nacked: [2] });
});

Deno.test("find() stops at the first message of the email", async () => {
  const channel = new FakeChannel(5);
  const queue = new DeadLetterQueue(channel);
  const counts: number[] = [];
  const message = await queue.find(idOf(3).toUpperCase(), (count) => counts.push(count));
  equal(message?.fields.deliveryTag, 3);
  deepEqual(counts, [1, 2]);
});

Deno.test("giveBack() takes the rest before, since the queue appends what is given back", async () => {
  const channel = new FakeChannel(40);
  const queue = new DeadLetterQueue(channel);
  await queue.find(idOf(3));
  await queue.giveBack();
  deepEqual(channel.nacked, [32, 40]);
});

Deno.test("giveBack() takes nothing when nothing is held", async () => {
  const channel = new FakeChannel(3);
  await new DeadLetterQueue(channel).giveBack();
  deepEqual(channel.nacked, []);
});

Deno.test("find() finds nothing where there is nothing", async () => {
  equal(await new DeadLetterQueue(new FakeChannel(2)).find(idOf(9)), undefined);
});

Deno.test("removeAll() removes everything and tells how far it is", async () => {
  const channel = new FakeChannel(3);
  const counts: number[] = [];
  equal(await new DeadLetterQueue(channel).removeAll((count) => counts.push(count)), 3);
  deepEqual({ acked: channel.acked, counts }, { acked: [1, 2, 3], counts: [1, 2, 3] });
});

Deno.test("removeAll() keeps what is left at an abort", async () => {
  const channel = new FakeChannel(3);
  const stop = new AbortController();
  equal(await new DeadLetterQueue(channel).removeAll(() => stop.abort(), stop.signal), 1);
  deepEqual(channel.acked, [1]);
});
