import { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import type { Flushable, GroupCommit } from "./group_commit.ts";

/** Unread output that makes a connection congested, in bytes. */
const CONGESTION_BYTES = 1024 * 1024;

export interface OutboxOptions {
  readonly commit: GroupCommit;
  readonly onRelief: () => void;
  /** Whether a fault holds the output back until the next flush. */
  readonly isHeldBack: () => boolean;
}

/** The output of one connection: waits for the commit, and says when the client does not read fast enough. */
export class Outbox implements Flushable {
  readonly #socket: Socket;
  readonly #options: OutboxOptions;
  #frames: Buffer[] = [];
  #waitingBytes = 0;
  #wasCongested = false;
  #isLast = false;

  constructor(socket: Socket, options: OutboxOptions) {
    this.#socket = socket;
    this.#options = options;
  }

  /** Whether deliveries should wait until the client has read more. */
  get isCongested(): boolean {
    const isCongested = this.#waitingBytes + this.#socket.writableLength > CONGESTION_BYTES;
    this.#wasCongested ||= isCongested;
    return isCongested;
  }

  write(frame: Buffer): void {
    if (this.#isLast) return;
    this.#frames.push(frame);
    this.#waitingBytes += frame.length;
    this.#options.commit.afterCommit(this);
  }

  /** Sends what was held back, after the commit. */
  resume(): void {
    if (this.#frames.length > 0) this.#options.commit.afterCommit(this);
  }

  /** Half-closes the connection once the output is sent; input can still be read. */
  end(): void {
    this.#isLast = true;
    this.#options.commit.afterCommit(this);
  }

  destroy(): void {
    this.#isLast = true;
    this.#frames = [];
    this.#waitingBytes = 0;
    this.#socket.destroy();
  }

  flush(): void {
    if (this.#socket.destroyed) return;
    if (this.#frames.length > 0) {
      if (this.#options.isHeldBack()) return;
      this.#socket.write(Buffer.concat(this.#frames), () => this.#relieve());
    }
    this.#frames = [];
    this.#waitingBytes = 0;
    if (this.#isLast) this.#socket.end();
  }

  #relieve(): void {
    if (!this.#wasCongested || this.isCongested || this.#isLast) return;
    this.#wasCongested = false;
    this.#options.onRelief();
  }
}
