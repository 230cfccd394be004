import { getLogger } from "@logtape/logtape";
import type { Channel, ConsumeMessage } from "amqplib";
import { QUEUE } from "@playground/shared/amqp";
import type { Receive } from "./receive.ts";

/** The part of a channel that is used. */
export type ConsumingChannel =
  & Pick<Channel, "prefetch" | "consume" | "cancel" | "ack" | "nack" | "close">
  & { once(event: "close", listener: () => void): unknown };

/** What consuming needs. */
export interface ConsumerOptions {
  /** Handles one delivery. */
  readonly receive: Receive;
  /** How many deliveries are handled at once. */
  readonly prefetch: number;
}

/** A channel, and what belongs to it. */
interface Attachment {
  readonly channel: ConsumingChannel;
  /** Aborted when the channel has closed: what came through it belongs to somebody else by now. */
  readonly closed: AbortSignal;
  readonly onCancelled: () => void;
  /** By what the broker knows that we consume, while we do. */
  consumerTag?: string | undefined;
  /** Resolves when the broker has answered the last `basic.consume` or `basic.cancel`. */
  adjusted: Promise<void>;
}

/** How long a stop waits for the deliveries in flight; the broker gives the others to somebody else. */
const DRAIN_TIMEOUT_MS = 8_000;
/** A message that could not be brought to safety goes back to the queue after this, lest it come again at once. */
const REQUEUE_DELAY_MS = 1_000;

/**
 * Takes messages from the queue and acknowledges each one only once it is delivered or safe.
 *
 * The channel belongs to a connection that comes and goes: {@linkcode attach} consumes on the new one. What was not
 * acknowledged on the old one is delivered again by the broker, so that its handlers are called off.
 */
export class EmailConsumer {
  readonly #receive: Receive;
  readonly #prefetch: number;
  readonly #inFlight = new Set<Promise<void>>();
  readonly #logger = getLogger(["emailer"]);
  #attachment: Attachment | undefined;
  #isConsuming = true;

  constructor({ receive, prefetch }: ConsumerOptions) {
    this.#receive = receive;
    this.#prefetch = prefetch;
  }

  /** Consumes on this channel, or will do so after {@linkcode resume}. */
  async attach(channel: ConsumingChannel, onCancelled: () => void): Promise<void> {
    const closing = new AbortController();
    channel.once("close", () => closing.abort());
    await channel.prefetch(this.#prefetch);
    const attachment: Attachment = {
      channel,
      closed: closing.signal,
      onCancelled,
      adjusted: Promise.resolve(),
    };
    this.#attachment = attachment;
    await this.#adjust(attachment);
  }

  /** Takes no further message, also on a new channel, until {@linkcode resume}. Those in flight are settled as ever. */
  async stop(): Promise<void> {
    await this.#setConsuming(false);
  }

  /** Takes messages again. */
  async resume(): Promise<void> {
    await this.#setConsuming(true);
  }

  /** Takes no further message, waits for those in flight, and closes the channel; all within a bound. */
  async drain(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, DRAIN_TIMEOUT_MS);
    await Promise.race([this.#stopAndSettle(), promise]);
    clearTimeout(timer);
  }

  async #stopAndSettle(): Promise<void> {
    await this.stop();
    await Promise.allSettled(this.#inFlight);
    const attachment = this.#attachment;
    // What it still has to say, such as an acknowledgement, would be overtaken by the end of the connection.
    if (attachment !== undefined) await unlessClosed(attachment, () => attachment.channel.close());
  }

  async #setConsuming(isConsuming: boolean): Promise<void> {
    this.#isConsuming = isConsuming;
    const attachment = this.#attachment;
    // Without a channel, or on one that has closed, there is nothing to do: attaching the next one sees to it.
    if (attachment !== undefined) await unlessClosed(attachment, () => this.#adjust(attachment));
  }

  /** Consumes or cancels, whatever is wanted by then; one after the other, lest a slow broker have two consumers of us. */
  #adjust(attachment: Attachment): Promise<void> {
    const adjusting = attachment.adjusted.then(async () => {
      const { channel, consumerTag } = attachment;
      if (this.#isConsuming && consumerTag === undefined) {
        attachment.consumerTag = await this.#consume(attachment);
      } else if (!this.#isConsuming && consumerTag !== undefined) {
        attachment.consumerTag = undefined;
        await channel.cancel(consumerTag);
      }
    });
    attachment.adjusted = adjusting.catch(() => {});
    return adjusting;
  }

  async #consume(attachment: Attachment): Promise<string> {
    const { channel, onCancelled } = attachment;
    const { consumerTag } = await channel.consume(QUEUE, (message) => {
      if (message === null) {
        this.#logger.warn("RabbitMQ cancelled the consumer; connecting anew");
        onCancelled();
        return;
      }
      const handled = this.#handle(attachment, message).finally(() =>
        this.#inFlight.delete(handled)
      );
      this.#inFlight.add(handled);
    });
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
    if (attachment.closed.aborted) return;
    await new Promise((resolve) => setTimeout(resolve, REQUEUE_DELAY_MS));
    await unlessClosed(attachment, () => attachment.channel.nack(message, false, true));
  }
}

/** That a channel has closed is nothing to complain of: the broker delivers again what was not acknowledged there. */
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
