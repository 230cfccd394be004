export interface ByteBudgetOptions {
  readonly capacityBytes: number;
  /** Bytes held besides the reservations: publications that the broker has not answered yet. @default none */
  readonly heldElsewhereBytes?: () => number;
}

/** One request's share; disposing it releases all of it. */
export interface Reservation extends Disposable {
  readonly grow: (sizeBytes: number) => boolean;
}

/**
 * Bounds the memory for requests, in bytes, since one request may be ten thousand times as large as another. Under overload,
 * answering some at once is better than none in time.
 */
export class ByteBudget {
  readonly #options: ByteBudgetOptions;
  #reservedBytes = 0;

  constructor(options: ByteBudgetOptions) {
    this.#options = options;
  }

  get heldBytes(): number {
    return this.#reservedBytes + (this.#options.heldElsewhereBytes?.() ?? 0);
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
    if (this.heldBytes + sizeBytes > this.#options.capacityBytes) return false;
    this.#reservedBytes += sizeBytes;
    return true;
  }
}
