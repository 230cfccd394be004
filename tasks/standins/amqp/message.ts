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
  readonly expiresAtMs: number | null;
  /** How often it was requeued after a delivery. */
  deliveryCount: number;
}

/** Why a message left its queue other than by an acknowledgement, in the words of the `x-death` header. */
export type DeathReason = "rejected" | "expired" | "delivery_limit";

/** First in, first out: as cheap with a million messages as with one, unlike `Array.shift()`. */
class Fifo {
  #messages: Message[] = [];
  #takenCount = 0;

  get length(): number {
    return this.#messages.length - this.#takenCount;
  }

  get first(): Message | undefined {
    return this.#messages[this.#takenCount];
  }

  append(message: Message): void {
    this.#messages.push(message);
  }

  take(): Message | undefined {
    const { first } = this;
    if (first !== undefined && ++this.#takenCount * 2 > this.#messages.length) {
      this.#messages = this.#messages.slice(this.#takenCount);
      this.#takenCount = 0;
    }
    return first;
  }
}

/** The messages of a queue that wait for a consumer, in order: requeued ones, then the others. */
export class MessageList {
  readonly #requeued = new Fifo();
  readonly #others = new Fifo();

  get length(): number {
    return this.#requeued.length + this.#others.length;
  }

  get first(): Message | undefined {
    return this.#requeued.first ?? this.#others.first;
  }

  append(message: Message): void {
    this.#others.append(message);
  }

  /** Inserts a requeued message after earlier requeued ones, before the others. */
  putInFront(message: Message): void {
    this.#requeued.append(message);
  }

  take(): Message | undefined {
    return this.#requeued.take() ?? this.#others.take();
  }
}
