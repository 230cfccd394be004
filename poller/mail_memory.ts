import { type MailRoom, MAX_MAIL_BYTES } from "./mailtrap/mod.ts";

/**
 * What the mails in hand share. One mail at a time has a lane of its own beside it, in which it may grow to the largest size: so
 * no two mails wait for each other. It is this little because parsing and storing a mail takes several times its size.
 */
const SHARED_BYTES = 8_000_000;
/** What a mail of unknown size is taken to have. */
const USUAL_BYTES = 65_536;

/**
 * The memory for the mails in hand, however many are handled at once: at most 48 MB.
 *
 * Each mail takes its size as the list tells it, and more or less once its real size shows. If there is not enough left, it waits
 * for that or for the lane.
 */
export class MailMemory {
  #freeBytes = SHARED_BYTES;
  #isLaneFree = true;
  readonly #waiting = new Set<() => void>();

  /** Takes room for a mail; resolves when there is enough. Disposing it gives it back. */
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
