import type { Readiness } from "@playground/shared/lifecycle";
import type { Archive } from "./archive/mod.ts";
import type { Poll, PollResult } from "./poll.ts";
import type { WaitingMail } from "./waiting_mails.ts";

const MAX_NAMED_MAILS = 20;

/**
 * Derives the poller's readiness from its polls.
 *
 * It is ready as soon as one mail is archived, which proves each step, or when a poll found nothing and the archive answers. A
 * warning names mails that Mailtrap does not hand over or delete. They make the poller not ready only while nothing else is
 * archived.
 */
export class PollHealth {
  readonly #archiveReadiness: () => Promise<Readiness>;
  #readiness: Readiness = { ready: false, reason: "The inbox was not polled yet" };
  #waitingMails: readonly WaitingMail[] = [];
  /** Mails that wait in the inbox while others are archived. */
  #excusedIds: ReadonlySet<number> = new Set();

  constructor(archiveReadiness: () => Promise<Readiness>) {
    this.#archiveReadiness = archiveReadiness;
  }

  get readiness(): Readiness {
    return this.#waitingMails.length === 0
      ? this.#readiness
      : { ...this.#readiness, warning: nameMails(this.#waitingMails) };
  }

  watchArchive(archive: Archive): Archive {
    return {
      store: async (...mail) => {
        const outcome = await archive.store(...mail);
        if (outcome.status === "stored") this.#readiness = { ready: true };
        return outcome;
      },
    };
  }

  watchPoll(poll: Poll): Poll {
    return async () => {
      try {
        const result = await poll();
        this.#waitingMails = result.waitingMails;
        const waitingIds = new Set(result.waitingMails.map(({ id }) => id));
        this.#excusedIds = result.storedCount > 0
          ? waitingIds
          : this.#excusedIds.intersection(waitingIds);
        this.#readiness = await this.#readinessAfter(result);
        return result;
      } catch (error) {
        this.#readiness = { ready: false, reason: `The poll failed: ${String(error)}` };
        throw error;
      }
    };
  }

  /** One message that fails does not make the poller not ready; a poll in which nothing succeeds does. */
  async #readinessAfter({ storedCount, failures, waitingMails }: PollResult): Promise<Readiness> {
    if (storedCount > 0) return { ready: true };
    const [reason] = failures.filter((failure) =>
      !waitingMails.some(({ id, reason }) => reason === failure && this.#excusedIds.has(id))
    );
    if (reason !== undefined) return { ready: false, reason };
    // Waiting mails were not fetched in this poll, but nothing has succeeded since.
    const unexcused = waitingMails.find(({ id }) => !this.#excusedIds.has(id));
    if (unexcused !== undefined) return { ready: false, reason: unexcused.reason };
    return await this.#archiveReadiness();
  }
}

function nameMails(mails: readonly WaitingMail[]): string {
  const named = mails.slice(0, MAX_NAMED_MAILS).map(({ reason }) => reason);
  const more = mails.length - named.length;
  return `Still in the inbox: ${named.join("; ")}` +
    (more > 0 ? `; and ${more} more` : "");
}
