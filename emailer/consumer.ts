import { getLogger } from "@logtape/logtape";
import type { Channel, ConsumeMessage } from "amqplib";
import { QUEUE } from "@playground/shared/amqp";
import type { Readiness } from "@playground/shared/lifecycle";
import { sleep, waitAtMost } from "@playground/shared/time";
import type { Receive } from "./receive.ts";

export type ConsumingChannel =
  & Pick<Channel, "prefetch" | "consume" | "cancel" | "ack" | "nack" | "close">
  & { once(event: "close", listener: () => void): unknown };

/** Opens a channel for {@linkcode EmailConsumer}, on a connection whose queues are declared. */
type OpenChannel = () => Promise<ConsumingChannel>;

interface Attachment {
  readonly channel: ConsumingChannel;
  /** Aborted when the channel has closed: the broker redelivers its messages. */
  readonly closed: AbortSignal;
  /** Set while we consume. */
  consumerTag?: string | undefined;
  /** Resolves when the broker has answered the last `basic.consume` or `basic.cancel`. */
  adjusted: Promise<void>;
  inFlightCount: number;
}

/** How long a stop waits for deliveries in flight; the broker redelivers the rest. */
const DRAIN_TIMEOUT_MS = 8_000;
/** How long it waits for aborted deliveries, which end soon. */
const ABORTED_TIMEOUT_MS = 1_000;
/** How long a message that could not be republished waits before it returns to the queue, which redelivers it at once. */
const REQUEUE_DELAY_MS = 1_000;
/** An emailer that has settled nothing for this long consumes again. */
const QUIET_MS = 10_000;
/** How long a delivery, or the broker's answer to `basic.consume`, proves that the queue is consumed. */
const PROOF_MS = 1_000;
/** A broker that takes longer to answer `basic.consume` delivers nothing either. */
const PROOF_TIMEOUT_MS = 2_000;

/**
 * Takes messages from the queue and acknowledges each one only once it is delivered or safe.
 *
 * {@linkcode attach} consumes on a new connection. The broker redelivers unacknowledged messages of the old one, so their
 * handlers are aborted.
 *
 * When a queue is deleted and declared again at once, RabbitMQ cancels no consumer: it counts us as a consumer of the new queue,
 * and never delivers anything. That looks like an empty queue. A quiet emailer therefore consumes again, on another channel.
 * Deliveries in flight on the old one are settled there, so nothing is redelivered.
 */
export class EmailConsumer implements AsyncDisposable {
  readonly #receive: Receive;
  readonly #prefetch: number;
  readonly #inFlight = new Set<Promise<void>>();
  /** The current channel, and those with unsettled deliveries. */
  readonly #attachments = new Set<Attachment>();
  readonly #logger = getLogger(["emailer"]);
  #openChannel: OpenChannel | undefined;
  #attachment: Attachment | undefined;
  #isConsuming = true;
  #renewal: Promise<void> | undefined;
  /** When the broker last proved that the queue is consumed, by `performance.now()`. */
  #provenAtMs = 0;
  #quietTimer: ReturnType<typeof setTimeout> | undefined;

  /** @param prefetch The most deliveries handled at once. */
  constructor(receive: Receive, prefetch: number) {
    this.#receive = receive;
    this.#prefetch = prefetch;
  }

  /** Whether messages are consumed. A proof older than a second is renewed by consuming again. */
  async readiness(): Promise<Readiness> {
    if (this.#isTaking && !this.#isProven) await waitAtMost(PROOF_TIMEOUT_MS, this.#renew());
    return this.#isTaking && this.#isProven
      ? { ready: true }
      : { ready: false, reason: `The queue ${QUEUE} is not consumed` };
  }

  get #isTaking(): boolean {
    return this.#attachments.values().some(({ consumerTag }) => consumerTag !== undefined);
  }

  /** At the prefetch limit, no further delivery is due. */
  get #isProven(): boolean {
    return this.#inFlight.size >= this.#prefetch ||
      performance.now() - this.#provenAtMs <= PROOF_MS;
  }

  /** Consumes on a channel of a new connection, or will do so after {@linkcode resume}. */
  async attach(openChannel: OpenChannel): Promise<void> {
    this.#openChannel = openChannel;
    await this.#consumeAnew(openChannel);
  }

  /** Takes no further message, even on a new channel, until {@linkcode resume}. Messages in flight are settled as usual. */
  async stop(): Promise<void> {
    await this.#setConsuming(false);
  }

  async resume(): Promise<void> {
    await this.#setConsuming(true);
  }

  /** Takes no further message, waits for those in flight, and closes the channels, all within a time limit. */
  async drain(): Promise<void> {
    await waitAtMost(DRAIN_TIMEOUT_MS, this.#stopAndSettle());
  }

  /** After the channels are closed, waits until the aborted handlers have ended their spans. */
  async [Symbol.asyncDispose](): Promise<void> {
    await waitAtMost(ABORTED_TIMEOUT_MS, Promise.allSettled(this.#inFlight));
  }

  async #stopAndSettle(): Promise<void> {
    await this.stop();
    await Promise.allSettled(this.#inFlight);
    // The end of the connection would overtake their last frames, such as an acknowledgement.
    for (const attachment of this.#attachments) {
      await unlessClosed(attachment, () => attachment.channel.close());
    }
  }

  async #setConsuming(isConsuming: boolean): Promise<void> {
    this.#isConsuming = isConsuming;
    this.#watchForQuiet();
    // Without a channel there is nothing to do: the next {@linkcode attach} consumes.
    for (const attachment of this.#attachments) {
      await unlessClosed(attachment, () => this.#adjust(attachment));
    }
  }

  /** Restarts the quiet timer, which consumes again. */
  #watchForQuiet(): void {
    clearTimeout(this.#quietTimer);
    if (!this.#isConsuming) return;
    this.#quietTimer = setTimeout(() => {
      this.#watchForQuiet();
      // Mails may take minutes: a full emailer gets no further delivery.
      if (this.#inFlight.size < this.#prefetch) this.#renew();
    }, QUIET_MS);
  }

  /** Consumes again on the same connection, unless that is in progress. */
  async #renew(): Promise<void> {
    if (this.#openChannel === undefined) return;
    this.#renewal ??= this.#consumeAnew(this.#openChannel)
      // A closed connection is replaced, with a new channel; otherwise the next quiet timer retries.
      .catch((error) => this.#logger.debug("Cannot consume again: {error}", { error }))
      .finally(() => this.#renewal = undefined);
    await this.#renewal;
  }

  async #consumeAnew(openChannel: OpenChannel): Promise<void> {
    const channel = await openChannel();
    const closing = new AbortController();
    const fresh: Attachment = {
      channel,
      closed: closing.signal,
      adjusted: Promise.resolve(),
      inFlightCount: 0,
    };
    this.#attachments.add(fresh);
    channel.once("close", () => {
      closing.abort();
      this.#attachments.delete(fresh);
    });
    await channel.prefetch(this.#prefetch);
    // Another connection was attached meanwhile.
    if (openChannel !== this.#openChannel) return await this.#retire(fresh);
    const old = this.#attachment;
    this.#attachment = fresh;
    this.#watchForQuiet();
    try {
      await this.#adjust(fresh);
    } finally {
      if (old !== undefined) await this.#retire(old);
    }
  }

  /** Takes nothing more from a channel, and closes it when all is settled. */
  async #retire(attachment: Attachment): Promise<void> {
    await unlessClosed(attachment, () => this.#adjust(attachment));
    await this.#closeIfDone(attachment);
  }

  async #closeIfDone(attachment: Attachment): Promise<void> {
    const { inFlightCount, consumerTag } = attachment;
    const isDone = attachment !== this.#attachment && inFlightCount === 0 &&
      consumerTag === undefined;
    if (!isDone || !this.#attachments.delete(attachment)) return;
    try {
      await attachment.channel.close();
    } catch (error) {
      this.#logger.debug("Cannot close a channel: {error}", { error });
    }
  }

  /** Consumes or cancels, whichever is then wanted. Serialized, or a slow broker would have two consumers of ours. */
  #adjust(attachment: Attachment): Promise<void> {
    const adjusting = attachment.adjusted.then(async () => {
      const { channel, consumerTag } = attachment;
      const isWanted = this.#isConsuming && attachment === this.#attachment;
      if (isWanted && consumerTag === undefined) {
        attachment.consumerTag = await this.#consume(attachment);
      } else if (!isWanted && consumerTag !== undefined) {
        await channel.cancel(consumerTag);
        attachment.consumerTag = undefined;
      }
    });
    attachment.adjusted = adjusting.catch(() => {});
    return adjusting;
  }

  async #consume(attachment: Attachment): Promise<string> {
    const { consumerTag } = await attachment.channel.consume(QUEUE, (message) => {
      if (message === null) {
        this.#logger.warn("RabbitMQ cancelled the consumer; consuming again");
        attachment.consumerTag = undefined;
        if (attachment === this.#attachment) this.#renew();
        return;
      }
      attachment.inFlightCount++;
      this.#provenAtMs = performance.now();
      const handled = this.#handle(attachment, message).finally(() => {
        this.#inFlight.delete(handled);
        attachment.inFlightCount--;
        this.#watchForQuiet();
        this.#closeIfDone(attachment);
      });
      this.#inFlight.add(handled);
    });
    this.#provenAtMs = performance.now();
    return consumerTag;
  }

  async #handle(attachment: Attachment, message: ConsumeMessage): Promise<void> {
    const { channel, closed } = attachment;
    try {
      const disposition = await this.#receive(message, closed);
      const isSafe = disposition.outcome !== "requeued" || disposition.isSafe;
      if (isSafe) await unlessClosed(attachment, () => channel.ack(message));
      else await this.#giveBack(attachment, message);
    } catch (error) {
      this.#logger.error("Cannot handle a message: {error}", { error });
      await this.#giveBack(attachment, message);
    }
  }

  async #giveBack(attachment: Attachment, message: ConsumeMessage): Promise<void> {
    await sleep(REQUEUE_DELAY_MS, attachment.closed);
    await unlessClosed(attachment, () => attachment.channel.nack(message, false, true));
  }
}

/** A closed channel is not a failure: the broker redelivers its unacknowledged messages. */
async function unlessClosed(
  { closed }: Attachment,
  use: () => void | Promise<void>,
): Promise<void> {
  try {
    await use();
  } catch (error) {
    // amqplib throws an IllegalOperationError for a channel that is closing.
    const isClosed = closed.aborted ||
      (error instanceof Error && error.name === "IllegalOperationError");
    if (!isClosed) throw error;
    getLogger(["emailer"]).debug("The channel is closed: {error}", { error });
  }
}
