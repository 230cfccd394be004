import { AmqpError } from "./amqp_error.ts";
import type { Consumer } from "./consumer.ts";
import type { Message } from "./message.ts";
import type { Queue } from "./queue.ts";

/** A message that the client has and has not settled yet. */
export interface Delivery {
  readonly queue: Queue;
  readonly message: Message;
  /** The consumer that got it, unless the client asked for it. */
  readonly consumer?: Consumer;
}

/** What becomes of a delivery: done, dead, or back in its queue. */
export type Settlement = "acknowledge" | "reject" | "giveBack";

/** The deliveries of a channel that wait to be settled, by delivery tag. */
export class Deliveries {
  /** In the order of the tags, since tags only grow. */
  readonly #unsettled = new Map<number, Delivery>();
  #lastTag = 0;

  add(delivery: Delivery): number {
    this.#unsettled.set(++this.#lastTag, delivery);
    return this.#lastTag;
  }

  /** Settles what the client's acknowledgement covers (AMQP 0-9-1, section 1.8.3.13). */
  settle(tag: number, isMultiple: boolean, settlement: Settlement): void {
    const deliveries = this.#take(tag, isMultiple);
    for (const [queue, messages] of byQueue(deliveries)) {
      if (settlement === "giveBack") {
        queue.giveBack(messages, true);
      } else {
        for (const message of messages) queue[settlement](message);
        queue.deliverWaiting();
      }
    }
  }

  /** Puts everything back into its queue: the channel has ended. */
  giveBackAll(): void {
    for (const [queue, messages] of byQueue(this.#takeAll())) queue.giveBack(messages, false);
  }

  #take(tag: number, isMultiple: boolean): readonly Delivery[] {
    if (isMultiple && tag === 0) return this.#takeAll();
    const last = this.#unsettled.get(tag);
    if (last === undefined) throw new AmqpError(406, `unknown delivery tag ${tag}`);
    if (!isMultiple) {
      this.#unsettled.delete(tag);
      return [last];
    }
    const taken: Delivery[] = [];
    for (const [earlierTag, delivery] of this.#unsettled) {
      if (earlierTag > tag) break;
      taken.push(delivery);
      this.#unsettled.delete(earlierTag);
    }
    return taken;
  }

  #takeAll(): readonly Delivery[] {
    const all = [...this.#unsettled.values()];
    this.#unsettled.clear();
    return all;
  }
}

/** All consumers learn of it first: a queue that hands out the next messages then knows who has room. */
function byQueue(deliveries: readonly Delivery[]): ReadonlyMap<Queue, readonly Message[]> {
  for (const { consumer } of deliveries) consumer?.settled();
  const groups = Map.groupBy(deliveries, ({ queue }) => queue);
  return new Map([...groups].map(([queue, group]) => [queue, group.map(({ message }) => message)]));
}
