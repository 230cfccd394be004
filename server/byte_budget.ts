export interface ByteBudgetOptions {
  readonly capacityBytes: number;
  /** What is held beside the reservations: publications that the broker has not answered yet. @default nothing */
  readonly heldElsewhereBytes?: () => number;
}

/** What one request holds; disposing it gives all of it back. */
export interface Reservation extends Disposable {
  /** Takes more; false when there is no more. */
  readonly grow: (sizeBytes: number) => boolean;
}

/**
 * Bounds the memory that callers can take: by bytes, since one request may be ten thousand times as large as another. Under
 * overload it is better to answer some at once than none in time.
 */
export class ByteBudget {
  readonly #options: ByteBudgetOptions;
  #reservedBytes = 0;

  constructor(options: ByteBudgetOptions) {
    this.#options = options;
  }

  /** How many bytes are held now. */
  get heldBytes(): number {
    return this.#reservedBytes + (this.#options.heldElsewhereBytes?.() ?? 0);
  }

  /** Takes some bytes; `undefined` when there are not so many left. */
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
