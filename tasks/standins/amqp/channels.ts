import type { Buffer } from "node:buffer";
import { getLogger } from "@logtape/logtape";
import { AmqpError, closeFields } from "./amqp_error.ts";
import { Channel } from "./channel.ts";
import type { Connection } from "./connection.ts";
import type { ClientMethod } from "./methods.ts";
import type { Topology } from "./topology.ts";

const logger = getLogger(["standins", "amqp"]);

/** The channels of one connection, by number. One that the broker closed stays until the client agrees. */
export class Channels {
  readonly #connection: Connection;
  readonly #topology: Topology;
  readonly #channels = new Map<number, Channel | "closing">();

  constructor(connection: Connection, topology: Topology) {
    this.#connection = connection;
    this.#topology = topology;
  }

  handleMethod(number: number, method: ClientMethod): void {
    const channel = this.#channels.get(number);
    if (method.name === "ChannelOpen") return this.#open(number);
    if (channel === "closing") {
      if (method.name === "ChannelCloseOk") this.#channels.delete(number);
      if (method.name === "ChannelClose") this.#connection.send("ChannelCloseOk", number, {});
      return;
    }
    this.#run(number, method, (open) => {
      if (method.name !== "ChannelClose") return open.handleMethod(method);
      this.#channels.delete(number);
      endTogether([open]);
      this.#connection.send("ChannelCloseOk", number, {});
    });
  }

  handleContent(number: number, type: number, payload: Buffer): void {
    this.#run(number, undefined, (open) => open.handleContent(type, payload));
  }

  /** Hands out what waited while the client did not read. */
  resumeDeliveries(): void {
    for (const channel of this.#opened()) channel.resumeDeliveries();
  }

  close(): void {
    const opened = this.#opened();
    this.#channels.clear();
    endTogether(opened);
  }

  #opened(): readonly Channel[] {
    return [...this.#channels.values()].filter((channel) => channel !== "closing");
  }

  #open(number: number): void {
    if (this.#channels.has(number)) throw new AmqpError(504, "second 'channel.open' seen");
    this.#channels.set(number, new Channel(number, this.#connection, this.#topology));
    this.#connection.send("ChannelOpenOk", number, {});
  }

  /** An error that ends only the channel is answered here. */
  #run(
    number: number,
    method: ClientMethod | undefined,
    action: (channel: Channel) => void,
  ): void {
    const channel = this.#channels.get(number);
    if (channel === "closing") return;
    if (channel === undefined) throw new AmqpError(504, "expected 'channel.open'");
    try {
      action(channel);
    } catch (error) {
      if (!(error instanceof AmqpError) || error.endsConnection) throw error;
      logger.debug("Channel ends: {reason}", { reason: error.message });
      this.#channels.set(number, "closing");
      endTogether([channel]);
      this.#connection.send("ChannelClose", number, closeFields(error, method));
    }
  }
}

/** No consumer of one channel may get what another one, or the same one, gives back. */
function endTogether(channels: readonly Channel[]): void {
  for (const channel of channels) channel.cancelConsumers();
  for (const channel of channels) channel.returnUnacked();
}
