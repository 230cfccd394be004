/** A message begins with its own length, then request id, response id and operation code (16 bytes in all). */
export const HEADER_BYTES = 16;

/** The largest message, as `hello` announces it (`maxMessageSizeBytes`). */
export const MAX_MESSAGE_BYTES = 48_000_000;

/** Bytes that are no message of MongoDB's protocol. The connection they came on cannot be used any further. */
export class ProtocolError extends Error {
  override readonly name = "ProtocolError";
}

/** Cuts a stream of bytes into messages. Memory is taken for what has arrived, never for what a length promises. */
export class Framing {
  #chunks: Uint8Array[] = [];
  #sizeBytes = 0;

  *push(chunk: Uint8Array): Generator<Uint8Array> {
    this.#chunks.push(chunk);
    this.#sizeBytes += chunk.length;
    while (this.#sizeBytes >= HEADER_BYTES) {
      const messageBytes = this.#nextLength();
      if (this.#sizeBytes < messageBytes) return;
      const bytes = this.#joined();
      this.#chunks = [bytes.subarray(messageBytes)];
      this.#sizeBytes -= messageBytes;
      yield bytes.subarray(0, messageBytes);
    }
  }

  #nextLength(): number {
    const [first] = this.#chunks;
    const head = first !== undefined && first.length >= HEADER_BYTES ? first : this.#joined();
    const length = new DataView(head.buffer, head.byteOffset).getInt32(0, true);
    if (length >= HEADER_BYTES && length <= MAX_MESSAGE_BYTES) return length;
    throw new ProtocolError(`Cannot read a message: its length is ${length} bytes`);
  }

  /** Joins what has arrived; done when a message is complete, so that each byte is copied once. */
  #joined(): Uint8Array {
    const [first] = this.#chunks;
    if (this.#chunks.length === 1 && first !== undefined) return first;
    const joined = new Uint8Array(this.#sizeBytes);
    let offset = 0;
    for (const chunk of this.#chunks) {
      joined.set(chunk, offset);
      offset += chunk.length;
    }
    this.#chunks = [joined];
    return joined;
  }
}
