import { Buffer } from "node:buffer";
import { Readable } from "node:stream";
import { setImmediate } from "node:timers/promises";

/** How much of a mail is handed over at once: no more before the mail server has taken it. */
const PIECE_BYTES = 65_536;

/** The content of a mail as nodemailer sends it: in pieces, and only if the mail server has asked for it. */
export class SmtpContent extends Readable {
  /** Whether the mail server may have begun to read it. */
  isBegun = false;
  /** Whether the mail server has answered the mail; then no more of it is sent. */
  isAnswered = false;
  readonly #raw: Uint8Array;
  readonly #lastReply: () => string;
  #sentBytes = 0;

  constructor(raw: Uint8Array, lastReply: () => string) {
    super();
    this.#raw = raw;
    this.#lastReply = lastReply;
  }

  override async _read(): Promise<void> {
    if (!this.isBegun) {
      this.isBegun = true;
      await afterStrayReplies();
      if (this.isAnswered) return;
    }
    // nodemailer accepts any 2xx as the answer to DATA. Such a server would read the mail as commands, or ignore it.
    const reply = this.#lastReply();
    if (!reply.startsWith("354")) {
      this.destroy(new Error(`the mail server answered DATA with ${reply}`));
      return;
    }
    const { buffer, byteOffset, byteLength } = this.#raw;
    const pieceBytes = Math.min(byteLength - this.#sentBytes, PIECE_BYTES);
    this.push(Buffer.from(buffer, byteOffset + this.#sentBytes, pieceBytes));
    this.#sentBytes += pieceBytes;
    if (this.#sentBytes === byteLength) this.push(null);
  }
}

/**
 * Waits until nodemailer has handled what came together with the last reply. Otherwise it would count as the answer to what we
 * send next: a mail would seem accepted that the server has not read.
 */
export async function afterStrayReplies(): Promise<void> {
  await setImmediate();
}
