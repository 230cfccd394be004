import { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import { clearInterval, clearTimeout, setInterval, setTimeout } from "node:timers";
import { getLogger } from "@logtape/logtape";
import type { FaultName } from "../faults/catalogue.ts";
import type { Faults } from "../faults/registry.ts";
import { AmqpError, closeFields, notImplemented } from "./amqp_error.ts";
import { Channel } from "./channel.ts";
import {
  decodeMethod,
  encodeContent,
  encodeFrame,
  encodeMethod,
  type Frame,
  FRAME_TYPE,
  FrameReader,
  PROTOCOL_HEADER,
} from "./codec.ts";
import type { GroupCommit } from "./group_commit.ts";
import * as handshake from "./handshake.ts";
import type { BrokerMethods, ClientMethod } from "./methods.ts";
import type { Topology } from "./topology.ts";

/** Time limit for a client to log in and to confirm a close, in milliseconds. */
const PATIENCE_MS = 10_000;

/** What the client is expected to send next; `closing` means only its `close-ok`. */
type State = "header" | "startOk" | "tuneOk" | "open" | "ready" | "closing" | "closed";

const logger = getLogger(["standins", "amqp"]);

export interface ConnectionContext {
  readonly topology: Topology;
  readonly account: handshake.Account;
  readonly commit: GroupCommit;
  readonly faults: Faults;
}

/** One client: reads its frames, runs its channels, and holds its output back until the commit. */
export class Connection {
  readonly faults: Faults;
  readonly #socket: Socket;
  readonly #context: ConnectionContext;
  readonly #reader = new FrameReader();
  /** By number. One that the broker closed stays until the client confirms. */
  readonly #channels = new Map<number, Channel | "closing">();
  #state: State = "header";
  #capabilities: ReadonlySet<string> = new Set();
  /** Frames that wait for the commit. */
  #output: Buffer[] = [];
  #isBlocked = false;
  #limits = handshake.TUNE;
  #heartbeat: NodeJS.Timeout | undefined;
  #hasSent = false;
  #silentTicks = 0;
  #patience: NodeJS.Timeout;

  constructor(socket: Socket, context: ConnectionContext) {
    const { faults } = context;
    this.faults = faults;
    this.#socket = socket;
    this.#context = context;
    this.#patience = setTimeout(() => this.#abandon("did not log in in time"), PATIENCE_MS);
    socket.setNoDelay(true);
    socket.on("data", (chunk: Buffer) => this.#receive(chunk));
    // A socket error is followed by "close", which releases everything.
    socket.on("error", (error) => logger.debug("Connection failed: {reason}", { reason: error }));
    const ignoreFaults = faults.onChange((name) => this.#heed(name));
    socket.on("close", () => {
      ignoreFaults();
      this.close();
    });
  }

  /** Whether the client understands a `basic.cancel` from the broker. */
  get isNotifiedOfCancels(): boolean {
    return this.#capabilities.has("consumer_cancel_notify");
  }

  /** Sends a method, after the commit. */
  send<Name extends keyof BrokerMethods>(
    name: Name,
    channel: number,
    fields: BrokerMethods[Name],
  ): void {
    this.#write(encodeMethod(name, channel, fields));
  }

  sendContent(channel: number, properties: Uint8Array, body: Uint8Array): void {
    const frames = encodeContent(channel, properties, body, this.#limits.frameMax);
    for (const frame of frames) this.#write(frame);
  }

  /** Ends the connection: messages that its channels hold are requeued, pending output is lost. */
  close(): void {
    this.#stop();
    this.#output = [];
    this.#socket.destroy();
  }

  /** Some faults, and their end, are announced to a connected client. */
  #heed(changed: FaultName): void {
    if (changed === "rabbitmq.refuse" && this.faults.hit(changed)) this.close();
    if (changed === "rabbitmq.block") this.#heedBlock();
    if (changed === "rabbitmq.freeze") this.#flushAfterCommit();
  }

  /** Tells the client that publishing is blocked, or unblocked again (https://www.rabbitmq.com/docs/connection-blocked). */
  #heedBlock(): void {
    if (this.#state !== "ready" || !this.#capabilities.has("connection.blocked")) return;
    const isBlocked = this.faults.valueOf("rabbitmq.block") ?? false;
    if (isBlocked === this.#isBlocked || (isBlocked && !this.faults.hit("rabbitmq.block"))) return;
    this.#isBlocked = isBlocked;
    if (isBlocked) this.send("ConnectionBlocked", 0, { reason: "low on memory" });
    else this.send("ConnectionUnblocked", 0, {});
  }

  #write(frame: Buffer): void {
    this.#hasSent = true;
    this.#output.push(frame);
    this.#flushAfterCommit();
  }

  #flushAfterCommit(): void {
    this.#context.commit.afterCommit(this.#flush);
  }

  /** A field: the commit calls it once, however often it was asked to. */
  readonly #flush = (): void => {
    if (this.#socket.destroyed) return;
    if (this.#output.length > 0) {
      if (this.faults.hit("rabbitmq.freeze")) return;
      this.#socket.write(Buffer.concat(this.#output));
      this.#output = [];
    }
    if (this.#state === "closed") this.#socket.end();
  };

  #receive(chunk: Buffer): void {
    if (this.#state === "closed") return;
    this.#silentTicks = 0;
    this.#reader.push(chunk);
    try {
      if (this.#state === "header") this.#readProtocolHeader();
      while (this.#canRead()) {
        const frame = this.#reader.readFrame();
        if (frame === undefined) return;
        this.#handleFrame(frame);
      }
    } catch (error) {
      this.#endWith(error);
    }
  }

  #canRead(): boolean {
    return this.#state !== "header" && this.#state !== "closed";
  }

  #readProtocolHeader(): void {
    const header = this.#reader.readProtocolHeader();
    if (header === undefined) return;
    if (header.equals(PROTOCOL_HEADER)) {
      this.#state = "startOk";
      return this.send("ConnectionStart", 0, handshake.START);
    }
    // The answer to another protocol is this protocol's header (AMQP 0-9-1, section 4.2.2).
    this.#write(PROTOCOL_HEADER);
    this.#finish();
  }

  #handleFrame({ type, channel, payload }: Frame): void {
    if (type === FRAME_TYPE.heartbeat) return;
    if (type === FRAME_TYPE.method) {
      const method = decodeMethod(payload);
      if (channel === 0) this.#handleMethod(method);
      else if (this.#mayUse(channel)) this.#handleChannelMethod(channel, method);
    } else if (type === FRAME_TYPE.header || type === FRAME_TYPE.body) {
      if (!this.#mayUse(channel)) return;
      this.#run(channel, undefined, (open) => open.handleContent(type, payload));
    } else {
      throw new AmqpError(501, `unknown frame type ${type}`);
    }
  }

  /** Whether frames of the client's channels are still processed. */
  #mayUse(channel: number): boolean {
    if (this.#state === "closing") return false;
    if (this.#state !== "ready") throw new AmqpError(503, "the connection is not open yet");
    if (channel <= this.#limits.channelMax) return true;
    throw new AmqpError(504, `channel ${channel} is beyond the negotiated channel_max`);
  }

  #handleMethod(method: ClientMethod): void {
    if (method.name === "ConnectionClose") {
      this.send("ConnectionCloseOk", 0, {});
      return this.#finish();
    }
    if (this.#state === "closing") {
      if (method.name === "ConnectionCloseOk") this.#finish();
      return;
    }
    if (method.name === "ConnectionStartOk" && this.#state === "startOk") {
      handshake.authenticate(method.fields, this.#context.account, this.faults);
      this.#capabilities = handshake.capabilitiesOf(method.fields);
      this.#state = "tuneOk";
      return this.send("ConnectionTune", 0, handshake.TUNE);
    }
    if (method.name === "ConnectionTuneOk" && this.#state === "tuneOk") {
      this.#limits = handshake.negotiate(method.fields);
      this.#state = "open";
      return this.#startHeartbeat();
    }
    if (method.name === "ConnectionOpen" && this.#state === "open") {
      const { virtualHost } = method.fields;
      if (virtualHost !== "/") throw new AmqpError(530, `vhost ${virtualHost} not found`);
      this.#state = "ready";
      clearTimeout(this.#patience);
      this.send("ConnectionOpenOk", 0, {});
      return this.#heedBlock();
    }
    if (this.#state === "ready") throw notImplemented(`method ${method.name}`);
    throw new AmqpError(503, `${method.name} is not expected now`);
  }

  #handleChannelMethod(number: number, method: ClientMethod): void {
    const isClosing = this.#channels.get(number) === "closing";
    if (method.name === "ChannelOpen") {
      if (this.#channels.has(number)) throw new AmqpError(504, "second 'channel.open' seen");
      this.#channels.set(number, new Channel(number, this, this.#context.topology));
      return this.send("ChannelOpenOk", number, {});
    }
    if (method.name === "ChannelClose") {
      this.#run(number, method, (open) => this.#endChannels([open]));
      if (!isClosing) this.#channels.delete(number);
      return this.send("ChannelCloseOk", number, {});
    }
    if (isClosing && method.name === "ChannelCloseOk") this.#channels.delete(number);
    else this.#run(number, method, (open) => open.handleMethod(method));
  }

  /** Runs a command of an open channel. An error that ends only the channel is answered here. */
  #run(number: number, method: ClientMethod | undefined, action: (open: Channel) => void): void {
    const channel = this.#channels.get(number);
    if (channel === "closing") return;
    if (channel === undefined) throw new AmqpError(504, "expected 'channel.open'");
    try {
      action(channel);
    } catch (error) {
      if (!(error instanceof AmqpError) || error.endsConnection) throw error;
      logger.debug("Channel ends: {reason}", { reason: error.message });
      this.#channels.set(number, "closing");
      this.#endChannels([channel]);
      this.send("ChannelClose", number, closeFields(error, method));
    }
  }

  /** First all consumers end, so that none gets a message that these channels give back. */
  #endChannels(channels: readonly Channel[]): void {
    for (const channel of channels) channel.cancelConsumers();
    for (const channel of channels) channel.returnUnacked();
  }

  #endWith(error: unknown): void {
    if (this.#state === "closing") return this.#abandon("went on after the end");
    if (!(error instanceof AmqpError)) logger.error("Connection ends: {error}", { error });
    const reason = error instanceof AmqpError ? error : new AmqpError(541, "defect of the broker");
    logger.warn("Connection ends: {reason}", { reason: reason.message });
    this.#state = "closing";
    this.#closeChannels();
    clearTimeout(this.#patience);
    this.#patience = setTimeout(() => this.#abandon("did not agree to its end"), PATIENCE_MS);
    this.send("ConnectionClose", 0, closeFields(reason, undefined));
  }

  /** Sends heartbeats, and detects a dead client (AMQP 0-9-1, section 4.2.7). */
  #startHeartbeat(): void {
    if (this.#limits.heartbeat === 0) return;
    this.#heartbeat = setInterval(() => {
      if (!this.#hasSent) this.#write(encodeFrame(FRAME_TYPE.heartbeat, 0, new Uint8Array()));
      this.#hasSent = false;
      // Four ticks are two intervals.
      if (++this.#silentTicks > 4) this.#abandon("sent no heartbeat");
    }, this.#limits.heartbeat * 500);
  }

  #abandon(reason: string): void {
    logger.warn("Connection ends: the client {reason}", { reason });
    this.close();
  }

  /**
   * Ends the connection once what was written is sent. Further input is discarded until the client closes as well: closing a
   * socket with unread bytes resets it (RFC 1122 section 4.2.2.13), and the client would never learn why.
   */
  #finish(): void {
    this.#stop();
    this.#patience = setTimeout(() => this.close(), PATIENCE_MS);
    this.#flushAfterCommit();
  }

  #stop(): void {
    this.#state = "closed";
    this.#closeChannels();
    clearInterval(this.#heartbeat);
    clearTimeout(this.#patience);
  }

  #closeChannels(): void {
    const channels = [...this.#channels.values()].filter((channel) => channel !== "closing");
    this.#channels.clear();
    this.#endChannels(channels);
  }
}
