import type { Readiness } from "@playground/shared/lifecycle";
import type { Poll, PollResult } from "./poll.ts";

/** Tells from the last poll whether the poller can do its work. */
export class PollHealth {
  #readiness: Readiness = { ready: false, reason: "The inbox was not polled yet" };

  /** What the last poll tells. */
  get readiness(): Readiness {
    return this.#readiness;
  }

  /**
   * Watches a poll.
   *
   * @param poll Polls once.
   * @returns The same poll, watched.
   */
  watch(poll: Poll): Poll {
    return async () => {
      const result = await this.#orNotReady(poll);
      // A message that fails by itself is no matter of the whole; a poll in which nothing succeeds is.
      const [reason] = result.failures;
      this.#readiness = reason === undefined || result.storedCount > 0
        ? { ready: true }
        : { ready: false, reason };
      return result;
    };
  }

  async #orNotReady(poll: Poll): Promise<PollResult> {
    try {
      return await poll();
    } catch (error) {
      this.#readiness = { ready: false, reason: `The poll failed: ${String(error)}` };
      throw error;
    }
  }
}
