import type { Buffer } from "node:buffer";

/** A message as it is published, before it is in any queue. */
export interface Publication {
  readonly exchange: string;
  readonly routingKey: string;
  /** Its properties, encoded. */
  readonly properties: Buffer;
  readonly body: Buffer;
}

export interface Message extends Publication {
  /** Its place in the order of arrival, unique in the broker. */
  readonly id: number;
  readonly expiresAtMs: number | undefined;
  /** How often it was given back after a delivery. */
  deliveryCount: number;
}

/** Why a message left its queue other than by an acknowledgement, in the words of the `x-death` header. */
export type DeathReason = "rejected" | "expired" | "delivery_limit";

interface Place {
  readonly message: Message;
  next: Place | undefined;
}

/**
 * The messages of a queue that wait for a consumer, in order: those that came back, then the others. Every operation is cheap,
 * however long the queue is.
 */
export class MessageList {
  #first: Place | undefined;
  #lastReturned: Place | undefined;
  #last: Place | undefined;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** The message that leaves next. */
  get first(): Message | undefined {
    return this.#first?.message;
  }

  append(message: Message): void {
    this.#insertBehind(this.#last, message);
  }

  /** Puts a message that had been taken after those that came back earlier, before the others. */
  putInFront(message: Message): void {
    this.#lastReturned = this.#insertBehind(this.#lastReturned, message);
  }

  take(): Message | undefined {
    const taken = this.#first;
    if (taken === undefined) return undefined;
    this.#first = taken.next;
    if (taken === this.#lastReturned) this.#lastReturned = undefined;
    if (taken === this.#last) this.#last = undefined;
    this.#length--;
    return taken.message;
  }

  /** @param previous Missing for the first place. */
  #insertBehind(previous: Place | undefined, message: Message): Place {
    const place = { message, next: previous === undefined ? this.#first : previous.next };
    if (previous === undefined) this.#first = place;
    else previous.next = place;
    if (place.next === undefined) this.#last = place;
    this.#length++;
    return place;
  }
}
