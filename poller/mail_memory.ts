import { type MailRoom, MAX_MAIL_BYTES } from "./mailtrap/mod.ts";

/**
 * The memory that mails in hand share. It is small, since parsing and storing a mail takes several times its size. Beside it, one
 * mail at a time has a lane in which it may grow to the largest size, so that no two mails wait for each other.
 */
const SHARED_BYTES = 8_000_000;
/** The assumed size of a mail of unknown size. */
const USUAL_BYTES = 65_536;

/**
 * The memory for the mails in hand, however many are handled at once: at most 48 MB.
 *
 * Each mail takes the size in the list, adjusted once its real size is known. If not enough is left, it waits for memory or for
 * the lane.
 */
export class MailMemory {
  #freeBytes = SHARED_BYTES;
  #isLaneFree = true;
  readonly #waiting = new Set<() => void>();

  /** Reserves memory for a mail; resolves when there is enough. Disposing it frees the memory. */
  async take(sizeBytes = USUAL_BYTES): Promise<MailRoom & Disposable> {
    let heldBytes = 0;
    let isInLane = false;
    const leave = () => {
      this.#freeBytes += heldBytes;
      heldBytes = 0;
      if (isInLane) this.#isLaneFree = true;
      isInLane = false;
    };
    const fit = (neededBytes: number): boolean => {
      if (isInLane) return true;
      if (neededBytes - heldBytes <= this.#freeBytes) {
        this.#freeBytes -= neededBytes - heldBytes;
        heldBytes = neededBytes;
        return true;
      }
      if (!this.#isLaneFree) return false;
      leave();
      isInLane = true;
      this.#isLaneFree = false;
      return true;
    };
    const resize = (neededBytes: number) => {
      const isLess = neededBytes < heldBytes;
      if (!fit(neededBytes)) return this.#wait(() => fit(neededBytes));
      if (isLess) this.#serve();
    };
    await resize(Math.min(sizeBytes, MAX_MAIL_BYTES));
    return {
      resize,
      [Symbol.dispose]: () => {
        leave();
        this.#serve();
      },
    };
  }

  #wait(fit: () => boolean): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const attempt = () => {
      if (!fit()) return;
      this.#waiting.delete(attempt);
      resolve();
    };
    this.#waiting.add(attempt);
    return promise;
  }

  #serve(): void {
    for (const attempt of [...this.#waiting]) attempt();
  }
}
