import { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import type { GroupCommit } from "./group_commit.ts";

/** The output of one connection, which waits for the commit. */
export class Outbox {
  readonly #socket: Socket;
  readonly #commit: GroupCommit;
  readonly #isHeldBack: () => boolean;
  #frames: Buffer[] = [];
  #isLast = false;

  /** @param isHeldBack Whether a fault holds the output back until the next flush. */
  constructor(socket: Socket, commit: GroupCommit, isHeldBack: () => boolean) {
    this.#socket = socket;
    this.#commit = commit;
    this.#isHeldBack = isHeldBack;
  }

  write(frame: Buffer): void {
    if (this.#isLast) return;
    this.#frames.push(frame);
    this.#commit.afterCommit(this.#flush);
  }

  /** Sends what was held back, after the commit. */
  resume(): void {
    this.#commit.afterCommit(this.#flush);
  }

  /** Half-closes the connection once the output is sent; input can still be read. */
  end(): void {
    this.#isLast = true;
    this.#commit.afterCommit(this.#flush);
  }

  destroy(): void {
    this.#isLast = true;
    this.#frames = [];
    this.#socket.destroy();
  }

  readonly #flush = (): void => {
    if (this.#socket.destroyed) return;
    if (this.#frames.length > 0) {
      if (this.#isHeldBack()) return;
      this.#socket.write(Buffer.concat(this.#frames));
    }
    this.#frames = [];
    if (this.#isLast) this.#socket.end();
  };
}
