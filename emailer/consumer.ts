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

interface ConsumerOptions {
  readonly receive: Receive;
  /** How many deliveries are handled at once. */
  readonly prefetch: number;
}

interface Attachment {
  readonly channel: ConsumingChannel;
  /** Aborted when the channel has closed: the broker delivers again what came through it. */
  readonly closed: AbortSignal;
  /** Set while we consume. */
  consumerTag?: string | undefined;
  /** Resolves when the broker has answered the last `basic.consume` or `basic.cancel`. */
  adjusted: Promise<void>;
  /** How many deliveries of this channel are being handled. */
  inFlightCount: number;
}

/** How long a stop waits for the deliveries in flight; the broker gives the others to somebody else. */
const DRAIN_TIMEOUT_MS = 8_000;
/** How long it waits for those that were called off, which have nothing left to wait for. */
const CALLED_OFF_TIMEOUT_MS = 1_000;
/** A message that could not be republished goes back to the queue after this; at once, it would come again at once. */
const REQUEUE_DELAY_MS = 1_000;
/** An emailer that has settled nothing for this long consumes anew. */
const QUIET_MS = 10_000;
/** How long a delivery, or the broker's answer to `basic.consume`, proves that the queue is consumed. */
const PROOF_MS = 1_000;
/** A broker that takes longer to answer `basic.consume` delivers nothing either. */
const PROOF_TIMEOUT_MS = 2_000;

/**
 * Takes messages from the queue and acknowledges each one only once it is delivered or safe.
 *
 * Connections come and go: {@linkcode attach} consumes on the new one. The broker delivers again what was not acknowledged on the
 * old one, so its handlers are called off.
 *
 * When a queue is deleted and declared again at once, RabbitMQ cancels no consumer: it counts us as a consumer of the new queue, and
 * never delivers anything. That looks like an empty queue. A quiet emailer therefore consumes anew, on another channel. What is in
 * flight on the old one is settled there, so no message comes again.
 */
export class EmailConsumer implements AsyncDisposable {
  readonly #receive: Receive;
  readonly #prefetch: number;
  readonly #inFlight = new Set<Promise<void>>();
  /** The current one, and those with deliveries that are not settled yet. */
  readonly #attachments = new Set<Attachment>();
  readonly #logger = getLogger(["emailer"]);
  #openChannel: OpenChannel | undefined;
  #attachment: Attachment | undefined;
  #isConsuming = true;
  #renewal: Promise<void> | undefined;
  /** When the broker last proved that the queue is consumed, by `performance.now()`. */
  #provenAtMs = 0;
  #quietTimer: ReturnType<typeof setTimeout> | undefined;

  constructor({ receive, prefetch }: ConsumerOptions) {
    this.#receive = receive;
    this.#prefetch = prefetch;
  }

  /** Whether messages are taken. What was proven more than a second ago is proven again, by consuming anew. */
  async readiness(): Promise<Readiness> {
    if (this.#isTaking && !this.#isProven) await waitAtMost(PROOF_TIMEOUT_MS, this.#renew());
    return this.#isTaking && this.#isProven
      ? { ready: true }
      : { ready: false, reason: `The queue ${QUEUE} is not consumed` };
  }

  get #isTaking(): boolean {
    return this.#attachments.values().some(({ consumerTag }) => consumerTag !== undefined);
  }

  /** While there are as many in flight as there may be, no delivery is missing. */
  get #isProven(): boolean {
    return this.#inFlight.size >= this.#prefetch ||
      performance.now() - this.#provenAtMs <= PROOF_MS;
  }

  /** Consumes on a channel of a new connection, or will do so after {@linkcode resume}. */
  async attach(openChannel: OpenChannel): Promise<void> {
    this.#openChannel = openChannel;
    await this.#consumeAnew(openChannel);
  }

  /** Takes no further message, also on a new channel, until {@linkcode resume}. Those in flight are settled as ever. */
  async stop(): Promise<void> {
    await this.#setConsuming(false);
  }

  /** Takes messages again. */
  async resume(): Promise<void> {
    await this.#setConsuming(true);
  }

  /** Takes no further message, waits for those in flight, and closes the channels; all within a bound. */
  async drain(): Promise<void> {
    await waitAtMost(DRAIN_TIMEOUT_MS, this.#stopAndSettle());
  }

  /** Waits, once the channels are closed, until the handlers that this called off have ended their spans. */
  async [Symbol.asyncDispose](): Promise<void> {
    await waitAtMost(CALLED_OFF_TIMEOUT_MS, Promise.allSettled(this.#inFlight));
  }

  async #stopAndSettle(): Promise<void> {
    await this.stop();
    await Promise.allSettled(this.#inFlight);
    // What they still have to say, such as an acknowledgement, would be overtaken by the end of the connection.
    for (const attachment of this.#attachments) {
      await unlessClosed(attachment, () => attachment.channel.close());
    }
  }

  async #setConsuming(isConsuming: boolean): Promise<void> {
    this.#isConsuming = isConsuming;
    this.#watchForQuiet();
    // Without a channel there is nothing to do: attaching the next one sees to it.
    for (const attachment of this.#attachments) {
      await unlessClosed(attachment, () => this.#adjust(attachment));
    }
  }

  /** Begins the time of quiet anew, at whose end the queue is consumed anew. */
  #watchForQuiet(): void {
    clearTimeout(this.#quietTimer);
    if (this.#isConsuming) this.#quietTimer = setTimeout(() => this.#onQuiet(), QUIET_MS);
  }

  #onQuiet(): void {
    this.#watchForQuiet();
    // Mails may take minutes; while there are as many as there may be, none is missing.
    if (this.#inFlight.size < this.#prefetch) this.#renew();
  }

  /** Consumes anew on the same connection, unless that is being done already. */
  async #renew(): Promise<void> {
    if (this.#openChannel === undefined) return;
    this.#renewal ??= this.#consumeAnew(this.#openChannel)
      // A connection that has closed is replaced, with a channel of its own; else the next quiet time sees to it.
      .catch((error) => this.#logger.debug("Cannot consume anew: {error}", { error }))
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
    // Meanwhile another connection has come.
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

  /** Consumes or cancels, as is wanted by then; one after the other, or a slow broker would have two consumers of ours. */
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
        this.#logger.warn("RabbitMQ cancelled the consumer; consuming anew");
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

/** A closed channel is no failure: the broker delivers again what was not acknowledged there. */
async function unlessClosed(
  { closed }: Attachment,
  use: () => void | Promise<void>,
): Promise<void> {
  try {
    await use();
  } catch (error) {
    // The second is what amqplib throws at the use of a channel that is about to close.
    const isClosed = closed.aborted ||
      (error instanceof Error && error.name === "IllegalOperationError");
    if (!isClosed) throw error;
    getLogger(["emailer"]).debug("The channel is closed: {error}", { error });
  }
}
