import { Buffer } from "node:buffer";
import { getLogger } from "@logtape/logtape";
import { type ReadQueues, waitingIn } from "../queues_route.ts";
import { type EmailReader, NO_COLLECTOR, pauseAfter } from "../trace_view/mod.ts";
import { type LiveEvent, liveEvent, Outbox } from "./outbox.ts";

/** Calls a function later, once; injected for tests. */
export type Timer = (delayMs: number, run: () => void) => CancelTimer;

export type CancelTimer = () => void;

export const processTimer: Timer = (delayMs, run) => {
  const id = setTimeout(run, delayMs);
  return () => clearTimeout(id);
};

export interface CollectorFeedOptions {
  readonly reader: EmailReader | undefined;
  /** Reads the lengths of the queues. @default they are not counted */
  readonly readQueues?: ReadQueues;
  readonly timer: Timer;
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number;
  readonly maxSubscribers?: number;
  /** The total size of followed traces, in bytes. @default 32 MiB */
  readonly maxTraceBytes?: number;
}

/** A listener's end of the feed. Disposing it ends the subscription. */
export interface Subscription extends Disposable {
  readonly outbox: Outbox;
}

type SubscribeResult =
  | { readonly status: "subscribed"; readonly subscription: Subscription }
  | { readonly status: "refused"; readonly reason: string };

/** Whether the collector answers. */
export type CollectorStatus =
  | { readonly status: "available" }
  | { readonly status: "unavailable"; readonly reason: string };

const DEFAULT_MAX_SUBSCRIBERS = 200;
const DEFAULT_MAX_TRACE_BYTES = 32 * 1024 * 1024;
/** The number of emails in the event `emails`, as in `GET /api/emails`. */
export const DEFAULT_EMAIL_COUNT = 20;

/** A new subscriber is served at once, unless the collector was just read. */
const SHORTEST_INTERVAL_MS = 250;

interface Topic {
  readonly key: string;
  readonly traceId: string;
  readonly emailId: string | undefined;
}

interface Subscriber extends Subscription {
  readonly topic: Topic | undefined;
}

const NONE: CollectorStatus = { status: "unavailable", reason: NO_COLLECTOR };

/** The events for every subscriber. */
const SHARED = ["collector", "emails", "queues"];

/**
 * Reads the collector while there are subscribers, once for all of them, and sends each the changes: `emails` (the recent ones),
 * `trace` (the requested trace or email), `collector` (whether it is available) and `queues` (how many emails wait).
 */
export class CollectorFeed implements Disposable {
  readonly #options: CollectorFeedOptions;
  readonly #subscribers = new Set<Subscriber>();
  readonly #logger = getLogger(["message-server"]);
  /** The last events, by name; those of traces and emails by their topic's key. */
  readonly #lastEvents = new Map<string, LiveEvent>();
  #cancelTimer: CancelTimer | undefined;
  #isReading = false;
  #isCounting = false;
  #isClosed = false;
  #readAt = -Infinity;
  /** The topic at which the last read ended early. */
  #failedKey: string | undefined;

  constructor(options: CollectorFeedOptions) {
    this.#options = options;
  }

  get subscriberCount(): number {
    return this.#subscribers.size;
  }

  /** Adds a subscriber, which gets the known state at once. */
  subscribe(traceId?: string, emailId?: string): SubscribeResult {
    if (this.#isClosed) {
      return { status: "refused", reason: "the server is stopping; try again in a few seconds" };
    }
    const { maxSubscribers = DEFAULT_MAX_SUBSCRIBERS } = this.#options;
    if (this.#subscribers.size >= maxSubscribers) {
      const reason = `${maxSubscribers} others are open; close one, or try again later`;
      return { status: "refused", reason };
    }
    const topic = traceId === undefined
      ? undefined
      : { traceId, emailId, key: emailId === undefined ? traceId : `${traceId}/${emailId}` };
    const subscriber: Subscriber = {
      outbox: new Outbox(),
      topic,
      [Symbol.dispose]: () => this.#unsubscribe(subscriber),
    };
    this.#subscribers.add(subscriber);
    for (const key of [...SHARED, topic?.key ?? ""]) {
      const event = this.#lastEvents.get(key);
      if (event !== undefined) subscriber.outbox.put(event);
    }
    this.#schedule(SHORTEST_INTERVAL_MS - (this.#options.now() - this.#readAt));
    return { status: "subscribed", subscription: subscriber };
  }

  [Symbol.dispose](): void {
    this.#isClosed = true;
    for (const subscriber of this.#subscribers) this.#unsubscribe(subscriber);
  }

  #unsubscribe(subscriber: Subscriber): void {
    subscriber.outbox.close();
    this.#subscribers.delete(subscriber);
    if (this.#subscribers.size > 0) return;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    // From now on, the known state is out of date.
    this.#lastEvents.clear();
  }

  #schedule(delayMs: number): void {
    if (this.#isReading) return; // The end of this read schedules the next one.
    this.#cancelTimer?.();
    this.#cancelTimer = this.#options.timer(Math.max(delayMs, 0), () => this.#look());
  }

  async #look(): Promise<void> {
    this.#isReading = true;
    this.#readAt = this.#options.now();
    void this.#countWaiting();
    try {
      await this.#read();
    } catch (error) {
      this.#logger.error("Cannot update the subscribers: {error}", { error });
    }
    this.#isReading = false;
    if (this.#subscribers.size === 0) return;
    this.#schedule(pauseAfter(this.#options.now() - this.#readAt));
  }

  async #read(): Promise<void> {
    const { reader } = this.#options;
    if (reader === undefined) return this.#publish("collector", NONE);
    const result = await reader.recent(DEFAULT_EMAIL_COUNT);
    if (result.status === "unavailable") return this.#publish("collector", result);
    this.#publish("emails", { emails: result.emails });
    const byTopic = Map.groupBy(this.#subscribers, ({ topic }) => topic?.key);
    let leftBytes = this.#options.maxTraceBytes ?? DEFAULT_MAX_TRACE_BYTES;
    const topics = [...byTopic];
    const first = topics.findIndex(([key]) => key === this.#failedKey) + 1;
    // Not always in the same order: a trace that cannot be read must not keep the others from being read.
    for (const [key, subscribers] of [...topics.slice(first), ...topics.slice(0, first)]) {
      const [{ topic } = { topic: undefined }] = subscribers;
      if (key === undefined || topic === undefined) continue;
      if (leftBytes <= 0) {
        // Too many large traces: these subscribers may come back when others have left.
        byTopic.delete(key);
        for (const subscriber of subscribers) this.#unsubscribe(subscriber);
        continue;
      }
      this.#failedKey = key;
      const trace = await reader.trace(topic.traceId, topic.emailId);
      if (trace.status === "unavailable") return this.#publish("collector", trace);
      if (trace.status === "found") this.#publish("trace", trace.trace, key);
      leftBytes -= this.#lastEvents.get(key)?.bytes.length ?? 0;
    }
    this.#failedKey = undefined;
    for (const key of this.#lastEvents.keys()) {
      if (!SHARED.includes(key) && !byTopic.has(key)) this.#lastEvents.delete(key);
    }
    this.#publish("collector", { status: "available" });
  }

  /** In parallel to the reading of the collector, which a slow broker must not delay. */
  async #countWaiting(): Promise<void> {
    const { readQueues } = this.#options;
    if (readQueues === undefined || this.#isCounting) return;
    this.#isCounting = true;
    const result = await readQueues();
    this.#isCounting = false;
    const isKnown = result.status === "found";
    this.#publish("queues", isKnown ? { waitingCount: waitingIn(result.lengths) } : {});
  }

  /** Sends an event to the subscribers that it concerns, unless it is unchanged. */
  #publish(name: string, value: object, key = name): void {
    if (this.#subscribers.size === 0) return;
    const event = liveEvent(name, value);
    const known = this.#lastEvents.get(key);
    if (known !== undefined && Buffer.compare(known.bytes, event.bytes) === 0) return;
    this.#lastEvents.set(key, event);
    for (const subscriber of this.#subscribers) {
      if (name === key || subscriber.topic?.key === key) subscriber.outbox.put(event);
    }
  }
}
