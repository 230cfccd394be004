import type { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import { clearTimeout, setTimeout } from "node:timers";
import { getLogger } from "@logtape/logtape";
import type { Faults } from "../faults/registry.ts";
import { AmqpError, closeFields, notImplemented } from "./amqp_error.ts";
import { Channels } from "./channels.ts";
import { decodeMethod, encodeMethod, HEARTBEAT_FRAME } from "./codec.ts";
import {
  encodeContent,
  type Frame,
  FRAME_MAX_BYTES,
  FRAME_TYPE,
  FrameReader,
  PROTOCOL_HEADER,
} from "./frames.ts";
import type { GroupCommit } from "./group_commit.ts";
import {
  type Account,
  authenticate,
  checkVirtualHost,
  hasCapability,
  type Limits,
  negotiate,
  START,
  TUNE,
} from "./handshake.ts";
import { Heartbeat } from "./heartbeat.ts";
import type { BrokerMethods, ClientMethod } from "./methods.ts";
import { Outbox } from "./outbox.ts";
import type { Topology } from "./topology.ts";

/** How long a client may take to log in and to agree to the end of a connection, in milliseconds. */
const PATIENCE_MS = 10_000;

/** What the client is expected to say next; `closing` means that only its agreement is waited for. */
type State = "header" | "startOk" | "tuneOk" | "open" | "ready" | "closing" | "closed";

const logger = getLogger(["standins", "amqp"]);

export interface ConnectionContext {
  readonly topology: Topology;
  readonly account: Account;
  readonly commit: GroupCommit;
  readonly faults: Faults;
  /** Called when the connection has ended and let go of everything. */
  readonly onEnd: () => void;
}

/** One client: reads its frames, runs its channels, and holds its output back until the commit. */
export class Connection {
  /** Whether the client understands a `basic.cancel` from the broker. */
  isNotifiedOfCancels = false;
  readonly faults: Faults;
  readonly #outbox: Outbox;
  readonly #account: Account;
  readonly #reader = new FrameReader();
  readonly #channels: Channels;
  #state: State = "header";
  #isNotifiedOfBlocks = false;
  #isBlocked = false;
  #limits: Limits = { channelMax: 0, frameMaxBytes: FRAME_MAX_BYTES, heartbeatMs: 0 };
  #heartbeat: Heartbeat | undefined;
  #patience: NodeJS.Timeout;

  constructor(socket: Socket, { topology, account, commit, faults, onEnd }: ConnectionContext) {
    this.faults = faults;
    this.#outbox = new Outbox(socket, {
      commit,
      onRelief: () => this.#channels.resumeDeliveries(),
      isHeldBack: () => faults.hit("rabbitmq.freeze") ?? false,
    });
    this.#channels = new Channels(this, topology);
    this.#account = account;
    this.#patience = setTimeout(() => this.#abandon("did not log in in time"), PATIENCE_MS);
    socket.setNoDelay(true);
    socket.on("data", (chunk: Buffer) => this.#receive(chunk));
    // A socket error is followed by "close", where everything is let go of.
    socket.on("error", (error) => logger.debug("Connection failed: {reason}", { reason: error }));
    socket.on("close", () => {
      this.close();
      onEnd();
    });
  }

  get isCongested(): boolean {
    return this.#outbox.isCongested;
  }

  /** Sends a method, after the commit. */
  send<Name extends keyof BrokerMethods>(
    name: Name,
    channel: number,
    fields: BrokerMethods[Name],
  ): void {
    this.#write(encodeMethod(name, channel, fields));
  }

  /** Sends the content that belongs to the method sent last. */
  sendContent(channel: number, properties: Uint8Array, body: Uint8Array): void {
    const frames = encodeContent(channel, properties, body, this.#limits.frameMaxBytes);
    for (const frame of frames) this.#write(frame);
  }

  /** Ends the connection at once: what its channels hold goes back, what waits to be sent is lost. */
  close(): void {
    this.#state = "closed";
    this.#channels.close();
    this.#heartbeat?.[Symbol.dispose]();
    clearTimeout(this.#patience);
    this.#outbox.destroy();
  }

  /** Tells the client that messages are not taken for now, or that they are again (https://www.rabbitmq.com/docs/connection-blocked). */
  heedBlock(): void {
    if (this.#state !== "ready" || !this.#isNotifiedOfBlocks) return;
    const isBlocked = this.faults.valueOf("rabbitmq.block") ?? false;
    if (isBlocked === this.#isBlocked || (isBlocked && !this.faults.hit("rabbitmq.block"))) return;
    this.#isBlocked = isBlocked;
    if (isBlocked) this.send("ConnectionBlocked", 0, { reason: "low on memory" });
    else this.send("ConnectionUnblocked", 0, {});
  }

  thaw(): void {
    this.#outbox.resume();
  }

  get #isClosed(): boolean {
    return this.#state === "closed";
  }

  #write(frame: Buffer): void {
    this.#heartbeat?.sent();
    this.#outbox.write(frame);
  }

  #receive(chunk: Buffer): void {
    if (this.#isClosed) return;
    this.#heartbeat?.received();
    this.#reader.push(chunk);
    try {
      if (this.#state === "header" && !this.#readProtocolHeader()) return;
      while (!this.#isClosed) {
        const frame = this.#reader.readFrame();
        if (frame === undefined) return;
        this.#handleFrame(frame);
      }
    } catch (error) {
      this.#endWith(error);
    }
  }

  /** Returns whether frames may follow. */
  #readProtocolHeader(): boolean {
    const header = this.#reader.readProtocolHeader();
    if (header === undefined) return false;
    if (header.equals(PROTOCOL_HEADER)) {
      this.#state = "startOk";
      this.send("ConnectionStart", 0, START);
      return true;
    }
    // The answer to another protocol is the header of the one that is spoken here (AMQP 0-9-1, section 4.2.2).
    this.#write(PROTOCOL_HEADER);
    this.#finish();
    return false;
  }

  #handleFrame({ type, channel, payload }: Frame): void {
    switch (type) {
      case FRAME_TYPE.heartbeat:
        return;
      case FRAME_TYPE.method: {
        const method = decodeMethod(payload);
        if (channel === 0) return this.#handleMethod(method);
        if (this.#mayUse(channel)) this.#channels.handleMethod(channel, method);
        return;
      }
      case FRAME_TYPE.header:
      case FRAME_TYPE.body:
        if (this.#mayUse(channel)) this.#channels.handleContent(channel, type, payload);
        return;
      default:
        throw new AmqpError(501, `unknown frame type ${type}`);
    }
  }

  /** Whether the client's channels are still listened to. */
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
      authenticate(method.fields, this.#account, this.faults);
      this.isNotifiedOfCancels = hasCapability(method.fields, "consumer_cancel_notify");
      this.#isNotifiedOfBlocks = hasCapability(method.fields, "connection.blocked");
      this.#state = "tuneOk";
      return this.send("ConnectionTune", 0, TUNE);
    }
    if (method.name === "ConnectionTuneOk" && this.#state === "tuneOk") {
      this.#limits = negotiate(method.fields);
      this.#state = "open";
      return this.#startHeartbeat();
    }
    if (method.name === "ConnectionOpen" && this.#state === "open") {
      checkVirtualHost(method.fields.virtualHost);
      this.#state = "ready";
      clearTimeout(this.#patience);
      this.send("ConnectionOpenOk", 0, {});
      return this.heedBlock();
    }
    if (method.name === "ConnectionUpdateSecret") throw notImplemented("connection.update-secret");
    throw new AmqpError(503, `${method.name} is not expected now`);
  }

  /** Answers what cannot go on with `connection.close`. */
  #endWith(error: unknown): void {
    if (this.#state === "closing") return this.#abandon("went on after the end");
    if (!(error instanceof AmqpError)) logger.error("Connection ends: {error}", { error });
    const reason = error instanceof AmqpError ? error : new AmqpError(541, "defect of the broker");
    logger.warn("Connection ends: {reason}", { reason: reason.message });
    this.#state = "closing";
    this.#channels.close();
    clearTimeout(this.#patience);
    this.#patience = setTimeout(() => this.#abandon("did not agree to its end"), PATIENCE_MS);
    this.send("ConnectionClose", 0, closeFields(reason, undefined));
  }

  #startHeartbeat(): void {
    const { heartbeatMs } = this.#limits;
    if (heartbeatMs === 0) return;
    this.#heartbeat = new Heartbeat(
      heartbeatMs,
      () => this.#write(HEARTBEAT_FRAME),
      () => this.#abandon("sent no heartbeat"),
    );
  }

  #abandon(reason: string): void {
    logger.warn("Connection ends: the client {reason}", { reason });
    this.close();
  }

  /**
   * Ends the connection once what was written is sent. What the client still sends is read and forgotten until it closes as well:
   * a socket that is closed with unread bytes is reset (RFC 1122 section 4.2.2.13), and the client would never learn why.
   */
  #finish(): void {
    this.#state = "closed";
    this.#channels.close();
    this.#heartbeat?.[Symbol.dispose]();
    clearTimeout(this.#patience);
    this.#patience = setTimeout(() => this.close(), PATIENCE_MS);
    this.#outbox.end();
  }
}
