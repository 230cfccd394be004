import { Buffer } from "node:buffer";
import { Readable } from "node:stream";
import { setImmediate } from "node:timers/promises";
import type SMTPConnection from "nodemailer/lib/smtp-connection";

/** How much of a mail is handed over at once: no more before the mail server has taken it. */
const PIECE_BYTES = 65_536;

/** The content of a mail as nodemailer sends it: in pieces, and only if the mail server has asked for it. */
export class SmtpContent extends Readable {
  /** Whether the mail server may have begun to read it. */
  isBegun = false;
  /** Whether the mail server has answered the mail; then no more of it is sent. */
  isAnswered = false;
  readonly #raw: Uint8Array;
  readonly #connection: SMTPConnection;
  #sentBytes = 0;

  constructor(raw: Uint8Array, connection: SMTPConnection) {
    super();
    this.#raw = raw;
    this.#connection = connection;
  }

  override async _read(): Promise<void> {
    if (!this.isBegun) {
      this.isBegun = true;
      await afterStrayReplies(this.#connection);
      if (this.isAnswered) return;
      const begun: string = Reflect.get(this.#connection, "_remainder");
      if (begun.trim() !== "") {
        this.destroy(new Error(`the mail server began to answer ${begun} before the mail`));
        return;
      }
    }
    // nodemailer accepts any 2xx as the answer to DATA. Such a server would read the mail as commands, or ignore it.
    const reply = String(this.#connection.lastServerResponse);
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
export async function afterStrayReplies(connection: SMTPConnection): Promise<void> {
  // nodemailer handles one in each turn of the event loop, also an empty line.
  const waiting: readonly string[] = Reflect.get(connection, "_responseQueue");
  for (let turns = 1 + waiting.length; turns > 0; turns--) await setImmediate();
}
