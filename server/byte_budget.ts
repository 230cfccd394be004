/** One request's share; disposing it releases all of it. */
export interface Reservation extends Disposable {
  readonly grow: (sizeBytes: number) => boolean;
}

/**
 * Bounds the memory for requests, in bytes, since one request may be ten thousand times as large as another. Under overload,
 * answering some at once is better than none in time.
 */
export class ByteBudget {
  readonly #capacityBytes: number;
  readonly #heldElsewhereBytes: () => number;
  #reservedBytes = 0;

  /** Bytes are also held elsewhere: by publications that the broker has not answered yet. */
  constructor(capacityBytes: number, heldElsewhereBytes = () => 0) {
    this.#capacityBytes = capacityBytes;
    this.#heldElsewhereBytes = heldElsewhereBytes;
  }

  get heldBytes(): number {
    return this.#reservedBytes + this.#heldElsewhereBytes();
  }

  reserve(sizeBytes: number): Reservation | undefined {
    if (!this.#take(sizeBytes)) return undefined;
    let heldBytes = sizeBytes;
    return {
      grow: (moreBytes) => {
        const isTaken = this.#take(moreBytes);
        if (isTaken) heldBytes += moreBytes;
        return isTaken;
      },
      [Symbol.dispose]: () => {
        this.#reservedBytes -= heldBytes;
        heldBytes = 0;
      },
    };
  }

  #take(sizeBytes: number): boolean {
    if (this.heldBytes + sizeBytes > this.#capacityBytes) return false;
    this.#reservedBytes += sizeBytes;
    return true;
  }
}
