import { ExpiryTimer } from "./expiry_timer.ts";
import type { FieldTable } from "./methods.ts";
import type { DeathReason, Message, Publication } from "./message.ts";
import { MessageList } from "./message_list.ts";
import { parseQueueArguments, type QueueSettings } from "./queue_arguments.ts";
import type { Store } from "./store.ts";

/** What a queue is declared as. */
export interface QueueOptions {
  readonly name: string;
  readonly isDurable: boolean;
  /** The connection that alone may use it, and whose end deletes it; set for exclusive queues. */
  readonly owner?: object | undefined;
  readonly arguments: FieldTable;
}

/** Takes messages from a queue. */
export interface QueueConsumer {
  readonly canTake: boolean;
  /** Whether no other consumer may use the queue. */
  readonly isExclusive: boolean;
  /** Whether a delivery counts as acknowledged. */
  readonly isAutoAcknowledging: boolean;
  deliver(message: Message): void;
  queueDeleted(): void;
}

export interface QueueContext {
  readonly store: Store;
  /** The next place in the order of arrival. */
  nextMessageId(): number;
  /** Dead-letters a message, or drops it, and removes it from the store. */
  bury(queue: Queue, message: Message, reason: DeathReason): void;
}

/** A classic or quorum queue: holds messages in order, hands them to its consumers, and lets them expire. */
export class Queue {
  readonly options: QueueOptions;
  readonly settings: QueueSettings;
  /** Refers to it in the store; missing when it is not stored. */
  readonly storeId: number | undefined;
  readonly #context: QueueContext;
  readonly #waiting = new MessageList();
  readonly #expiryTimer = new ExpiryTimer(() => {
    this.#dropExpired(Date.now());
    this.#watchExpiry();
  });
  #consumers: readonly QueueConsumer[] = [];
  #nextConsumerIndex = 0;
  #isDeleted = false;

  /** Makes an empty queue. */
  constructor(options: QueueOptions, storeId: number | undefined, context: QueueContext) {
    this.options = options;
    this.settings = parseQueueArguments(options.name, options.arguments);
    this.storeId = storeId;
    this.#context = context;
  }

  get waitingCount(): number {
    return this.#waiting.length;
  }

  get consumers(): readonly QueueConsumer[] {
    return this.#consumers;
  }

  get isDeleted(): boolean {
    return this.#isDeleted;
  }

  /** Whether another message may be published to it. A quorum queue takes one more than its limit, as in RabbitMQ. */
  get hasRoom(): boolean {
    const { maxLength, isQuorum } = this.settings;
    if (maxLength === undefined) return true;
    return this.#waiting.length < maxLength + (isQuorum ? 1 : 0);
  }

  /** Adds a published message. The caller has looked at {@linkcode hasRoom}. */
  enqueue(publication: Publication): void {
    const { isQuorum, messageTtlMs } = this.settings;
    const ttlMs = Math.min(messageTtlMs ?? Infinity, publication.ttlMs ?? Infinity);
    const isStored = this.storeId !== undefined && (isQuorum || publication.isPersistent);
    const message: Message = {
      id: this.#context.nextMessageId(),
      exchange: publication.exchange,
      routingKey: publication.routingKey,
      properties: publication.properties,
      body: publication.body,
      expiresAtMs: ttlMs === Infinity ? undefined : Date.now() + ttlMs,
      isStored,
      deliveryCount: 0,
    };
    if (isStored && this.storeId !== undefined) {
      this.#context.store.insertMessage(this.storeId, message);
    }
    this.#waiting.append(message);
    this.deliverWaiting();
  }

  restore(message: Message): void {
    this.#waiting.append(message);
    this.#watchExpiry();
  }

  /** Whether a message was given back too often to be delivered again. */
  isOverLimit(message: Message): boolean {
    return message.deliveryCount > (this.settings.deliveryLimit ?? Infinity);
  }

  /** Takes one message for a client that asks for it. */
  take(isAcknowledged: boolean): Message | undefined {
    this.#dropExpired(Date.now());
    const message = this.#waiting.take();
    if (message !== undefined) this.#noteDelivery(message, isAcknowledged);
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
      this.#noteDelivery(message, consumer.isAutoAcknowledging);
      consumer.deliver(message);
    }
    this.#watchExpiry();
  }

  /** Forgets a delivered message: its consumer is done with it. */
  acknowledge(message: Message): void {
    if (message.isStored) this.#context.store.deleteMessage(message.id);
  }

  /** Dead-letters a delivered message that its consumer does not want. */
  reject(message: Message): void {
    if (!this.#isDeleted) this.#context.bury(this, message, "rejected");
  }

  /**
   * Takes delivered messages back, in the order given.
   *
   * A classic queue puts them where they were. A quorum queue puts them in front, but at the back when a client gave
   * them back and there is no delivery limit (both as RabbitMQ 3.10 does).
   */
  giveBack(messages: readonly Message[], isByClient: boolean): void {
    if (this.#isDeleted) return;
    const { isQuorum, deliveryLimit } = this.settings;
    for (const message of messages) {
      message.deliveryCount++;
      if (this.isOverLimit(message)) {
        this.#context.bury(this, message, "delivery_limit");
        continue;
      }
      if (message.isStored) this.#context.store.markReturned(message.id, message.deliveryCount);
      if (!isQuorum) this.#waiting.putBack(message);
      else if (isByClient && deliveryLimit === undefined) this.#waiting.append(message);
      else this.#waiting.putInFront(message);
    }
    this.deliverWaiting();
  }

  /** Removes what waits. Returns how many messages that were. */
  purge(): number {
    if (this.storeId !== undefined) this.#context.store.deleteWaitingMessages(this.storeId);
    return this.#waiting.clear();
  }

  addConsumer(consumer: QueueConsumer): void {
    this.#consumers = [...this.#consumers, consumer];
    this.deliverWaiting();
  }

  /** Removes a consumer. What it has not settled stays with its channel. */
  removeConsumer(consumer: QueueConsumer): void {
    this.#consumers = this.#consumers.filter((other) => other !== consumer);
  }

  /** Ends the queue: tells its consumers, stops its timer. */
  delete(): void {
    this.#isDeleted = true;
    this.#expiryTimer.close();
    this.#waiting.clear();
    const consumers = this.#consumers;
    this.#consumers = [];
    for (const consumer of consumers) consumer.queueDeleted();
  }

  /** Stops the timer, without touching the state: the broker ends. */
  close(): void {
    this.#isDeleted = true;
    this.#expiryTimer.close();
  }

  #nextConsumer(): QueueConsumer | undefined {
    const { length } = this.#consumers;
    for (let offset = 0; offset < length; offset++) {
      const index = (this.#nextConsumerIndex + offset) % length;
      const consumer = this.#consumers[index];
      if (consumer?.canTake) {
        this.#nextConsumerIndex = index + 1;
        return consumer;
      }
    }
    return undefined;
  }

  #noteDelivery(message: Message, isAcknowledged: boolean): void {
    if (!message.isStored) return;
    if (isAcknowledged) this.#context.store.deleteMessage(message.id);
    else this.#context.store.markDelivered(message.id);
  }

  /** Only the head expires: RabbitMQ does not look behind it either. */
  #dropExpired(untilMs: number): void {
    while ((this.#waiting.first?.expiresAtMs ?? Infinity) <= untilMs) {
      const message = this.#waiting.take();
      if (message !== undefined) this.#context.bury(this, message, "expired");
    }
  }

  #watchExpiry(): void {
    const expiresAtMs = this.#waiting.first?.expiresAtMs;
    if (expiresAtMs !== undefined) this.#expiryTimer.wakeAt(expiresAtMs);
  }
}
