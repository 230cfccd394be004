import { clearTimeout, setTimeout } from "node:timers";
import type { Consumer } from "./channel.ts";
import type { DeadLetters } from "./dead_letters.ts";
import { type Message, MessageList, type Publication } from "./message.ts";
import { queueSettings } from "./queue_arguments.ts";
import type { Store, StoredQueue } from "./store.ts";

/** The longest delay that a timer takes, in milliseconds. */
const DELAY_MAX_MS = 2 ** 31 - 1;

/** A quorum queue: holds messages in order, hands them to its consumers, and lets them expire. */
export class Queue {
  readonly stored: StoredQueue;
  readonly settings: Readonly<ReturnType<typeof queueSettings>>;
  isDeleted = false;
  readonly #store: Store;
  readonly #deadLetters: DeadLetters;
  #waiting = new MessageList();
  #consumers: readonly Consumer[] = [];
  #nextConsumerIndex = 0;
  #expiryTimer: NodeJS.Timeout | undefined;
  #wakesAtMs = Infinity;

  constructor(stored: StoredQueue, store: Store, deadLetters: DeadLetters) {
    this.stored = stored;
    this.settings = queueSettings(stored.arguments);
    this.#store = store;
    this.#deadLetters = deadLetters;
  }

  get name(): string {
    return this.stored.name;
  }

  get waitingCount(): number {
    return this.#waiting.length;
  }

  get consumerCount(): number {
    return this.#consumers.length;
  }

  /** Whether another message may be published to it. It takes one more than its limit, as in RabbitMQ. */
  get hasRoom(): boolean {
    return this.#waiting.length <= (this.settings.maxLength ?? Infinity);
  }

  /** Adds a published message. The caller has looked at {@linkcode hasRoom}. */
  enqueue(publication: Publication): void {
    const { messageTtlMs } = this.settings;
    const message: Message = {
      ...publication,
      id: this.#store.nextMessageId(),
      expiresAtMs: messageTtlMs === undefined ? null : Date.now() + messageTtlMs,
      deliveryCount: 0,
    };
    this.#store.insertMessage(this.stored.id, message);
    this.#waiting.append(message);
    this.deliverWaiting();
  }

  restore(message: Message): void {
    this.#waiting.append(message);
    this.#watchExpiry();
  }

  isOverLimit(message: Message): boolean {
    return message.deliveryCount > (this.settings.deliveryLimit ?? Infinity);
  }

  take(): Message | undefined {
    this.#dropExpired(Date.now());
    const message = this.#waiting.take();
    if (message !== undefined) this.#store.markDelivered(message.id);
    this.#watchExpiry();
    return message;
  }

  /** Hands waiting messages to the consumers, in turn, as long as one can take them. */
  deliverWaiting(): void {
    for (;;) {
      // A message with a time to live of 0 may still go to a consumer that takes it at once.
      this.#dropExpired(Date.now() - 1);
      const consumer = this.#waiting.length > 0 ? this.#nextConsumer() : undefined;
      const message = consumer === undefined ? undefined : this.#waiting.take();
      if (consumer === undefined || message === undefined) break;
      this.#store.markDelivered(message.id);
      consumer.deliver(message);
    }
    this.#watchExpiry();
  }

  acknowledge(message: Message): void {
    this.#store.deleteMessage(message.id);
  }

  reject(message: Message): void {
    if (!this.isDeleted) this.#deadLetters.bury({ queue: this, message, reason: "rejected" });
  }

  /** Takes delivered messages back, in the order given, to the front or the back as RabbitMQ 3.10 does. */
  giveBack(messages: readonly Message[], isByClient: boolean): void {
    if (this.isDeleted) return;
    for (const message of messages) {
      message.deliveryCount++;
      if (this.isOverLimit(message)) {
        this.#deadLetters.bury({ queue: this, message, reason: "delivery_limit" });
        continue;
      }
      this.#store.markReturned(message.id, message.deliveryCount);
      if (isByClient && this.settings.deliveryLimit === undefined) this.#waiting.append(message);
      else this.#waiting.putInFront(message);
    }
    this.deliverWaiting();
  }

  purge(): number {
    const { length } = this.#waiting;
    this.#store.deleteWaitingMessages(this.stored.id);
    this.#waiting = new MessageList();
    return length;
  }

  addConsumer(consumer: Consumer): void {
    this.#consumers = [...this.#consumers, consumer];
    this.deliverWaiting();
  }

  /** Removes a consumer. What it has not settled stays with its channel. */
  removeConsumer(consumer: Consumer): void {
    this.#consumers = this.#consumers.filter((other) => other !== consumer);
  }

  delete(): void {
    this.close();
    this.#waiting = new MessageList();
    const consumers = this.#consumers;
    this.#consumers = [];
    for (const consumer of consumers) consumer.queueDeleted();
  }

  /** Stops the timer, without touching the state: the broker ends. */
  close(): void {
    this.isDeleted = true;
    clearTimeout(this.#expiryTimer);
    this.#wakesAtMs = -Infinity;
  }

  #nextConsumer(): Consumer | undefined {
    const { length } = this.#consumers;
    for (let offset = 0; offset < length; offset++) {
      const index = (this.#nextConsumerIndex + offset) % length;
      const consumer = this.#consumers[index];
      if (consumer !== undefined && consumer.unackedCount < consumer.prefetchCount) {
        this.#nextConsumerIndex = index + 1;
        return consumer;
      }
    }
    return undefined;
  }

  /** Only the head expires: RabbitMQ does not look behind it either. */
  #dropExpired(untilMs: number): void {
    while ((this.#waiting.first?.expiresAtMs ?? Infinity) <= untilMs) {
      const message = this.#waiting.take();
      if (message !== undefined) {
        this.#deadLetters.bury({ queue: this, message, reason: "expired" });
      }
    }
  }

  /** Wakes when the head may have expired, perhaps too early but never too late, so that not every message resets the timer. */
  #watchExpiry(): void {
    const expiresAtMs = this.#waiting.first?.expiresAtMs ?? Infinity;
    if (expiresAtMs >= this.#wakesAtMs) return;
    clearTimeout(this.#expiryTimer);
    this.#wakesAtMs = expiresAtMs;
    const delayMs = Math.min(Math.max(expiresAtMs - Date.now(), 0), DELAY_MAX_MS);
    this.#expiryTimer = setTimeout(() => {
      this.#wakesAtMs = Infinity;
      this.#dropExpired(Date.now());
      this.#watchExpiry();
    }, delayMs);
  }
}
