import type { Readiness } from "@playground/shared/lifecycle";
import type { Archive, PingOutcome } from "./archive/mod.ts";
import type { Poll, PollResult } from "./poll.ts";
import type { WaitingMail } from "./waiting_mails.ts";

const MAX_NAMED_MAILS = 20;

/**
 * Tells from what the polls have done whether the poller is ready.
 *
 * It is as soon as one mail is archived, which proves each step, however long the poll still takes; or when a poll found nothing
 * and the archive answers. Mails that Mailtrap does not hand over are named in a warning. Only while nothing else is archived they
 * make the poller not ready.
 */
export class PollHealth {
  readonly #pingArchive: () => Promise<PingOutcome>;
  #readiness: Readiness = { ready: false, reason: "The inbox was not polled yet" };
  #waitingMails: readonly WaitingMail[] = [];
  /** Those in whose presence other mails were archived. */
  #excusedIds: ReadonlySet<number> = new Set();

  constructor(pingArchive: () => Promise<PingOutcome>) {
    this.#pingArchive = pingArchive;
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
  async #readinessAfter(
    { storedCount, failures, waitingMails }: PollResult,
  ): Promise<Readiness> {
    if (storedCount > 0) return { ready: true };
    const [reason] = failures.filter((failure) =>
      !waitingMails.some(({ id, reason }) => reason === failure && this.#excusedIds.has(id))
    );
    if (reason !== undefined) return { ready: false, reason };
    // Those that wait for their turn were not asked for in this poll; yet nothing has succeeded since.
    const unexcused = waitingMails.find(({ id }) => !this.#excusedIds.has(id));
    if (unexcused !== undefined) return { ready: false, reason: unexcused.reason };
    const ping = await this.#pingArchive();
    return ping.status === "answered" ? { ready: true } : { ready: false, reason: ping.reason };
  }
}

function nameMails(mails: readonly WaitingMail[]): string {
  const named = mails.slice(0, MAX_NAMED_MAILS).map(({ reason }) => reason);
  const more = mails.length - named.length;
  return `Not archived for certain, hence still in the inbox: ${named.join("; ")}` +
    (more > 0 ? `; and ${more} more` : "");
}
