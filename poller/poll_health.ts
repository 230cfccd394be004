import type { Readiness } from "@playground/shared/lifecycle";
import type { Archive, PingOutcome } from "./archive/mod.ts";
import type { Poll, PollResult } from "./poll.ts";

/**
 * Tells from what the polls have done whether the poller can do its work.
 *
 * It can as soon as one mail is archived, which proves each step of the way, however long the poll still takes; or when a poll
 * found nothing and the archive answers.
 */
export class PollHealth {
  readonly #pingArchive: () => Promise<PingOutcome>;
  #readiness: Readiness = { ready: false, reason: "The inbox was not polled yet" };

  constructor(pingArchive: () => Promise<PingOutcome>) {
    this.#pingArchive = pingArchive;
  }

  /** What the polls tell. */
  get readiness(): Readiness {
    return this.#readiness;
  }

  /** Watches an archive. */
  watchArchive(archive: Archive): Archive {
    return {
      store: async (...mail) => {
        const outcome = await archive.store(...mail);
        if (outcome.status === "stored") this.#readiness = { ready: true };
        return outcome;
      },
    };
  }

  /** Watches a poll. */
  watchPoll(poll: Poll): Poll {
    return async () => {
      try {
        const result = await poll();
        this.#readiness = await this.#readinessAfter(result);
        return result;
      } catch (error) {
        this.#readiness = { ready: false, reason: `The poll failed: ${String(error)}` };
        throw error;
      }
    };
  }

  /** A message that fails by itself is no matter of the whole; a poll in which nothing succeeds is. */
  async #readinessAfter({ storedCount, failures: [reason] }: PollResult): Promise<Readiness> {
    if (storedCount > 0) return { ready: true };
    if (reason !== undefined) return { ready: false, reason };
    const ping = await this.#pingArchive();
    return ping.status === "answered" ? { ready: true } : { ready: false, reason: ping.reason };
  }
}
