import { createHash } from "node:crypto";

/** This many equal answers, the first and the last this far apart, count as the whole mail. */
const EQUAL_ANSWERS = 3;
const EQUAL_FOR_MS = 10 * 60 * 1000;

/** A mail that stays in the inbox: it does not come whole for certain, or it cannot be deleted. */
export interface WaitingMail {
  readonly id: number;
  readonly reason: string;
}

interface DoubtfulAnswer {
  readonly digest: string;
  readonly firstAtMs: number;
  readonly count: number;
  readonly isArchived: boolean;
}

interface Waiting {
  readonly reason: string;
  readonly attempts: number;
  readonly dueAtPoll: number;
  readonly answer?: DoubtfulAnswer | undefined;
}

/**
 * The mails that do not come, or perhaps not whole, and those that cannot be deleted. Each is fetched again after 1, 2, 4 … polls
 * and at least once an hour, so that a permanent failure costs little and delays no other mail.
 */
export class WaitingMails {
  readonly #pollsPerHour: number;
  readonly #mails = new Map<number, Waiting>();
  #pollCount = 0;

  constructor(pollsPerHour: number) {
    this.#pollsPerHour = pollsPerHour;
  }

  get all(): readonly WaitingMail[] {
    return [...this.#mails].map(([id, { reason }]) => ({ id, reason }));
  }

  /** Begins a poll. Returns the ids of mails that are not due. */
  beginPoll(): readonly number[] {
    this.#pollCount++;
    return [...this.#mails].filter(([, { dueAtPoll }]) => dueAtPoll > this.#pollCount)
      .map(([id]) => id);
  }

  /** Records that the mail did not come. Earlier answers no longer count. */
  refuse(id: number, reason: string): void {
    this.#postpone(id, reason, undefined);
  }

  /** Records that a mail is archived and cannot be deleted. */
  keep(id: number, reason: string): void {
    this.#postpone(id, reason, this.#mails.get(id)?.answer);
  }

  /** Records an answer that may be only a part of the mail. Returns whether to archive it now. */
  doubt(id: number, reason: string, raw: Uint8Array): boolean {
    const digest = createHash("sha256").update(raw).digest("hex");
    const last = this.#mails.get(id)?.answer;
    const answer = last?.digest === digest
      ? { ...last, count: last.count + 1 }
      : { digest, firstAtMs: performance.now(), count: 1, isArchived: false };
    this.#postpone(id, reason, answer);
    return !answer.isArchived && answer.count >= EQUAL_ANSWERS &&
      performance.now() - answer.firstAtMs >= EQUAL_FOR_MS;
  }

  /** Records that a doubtful answer is archived, though its mail stays in the inbox. */
  noteArchived(id: number): void {
    const mail = this.#mails.get(id);
    if (mail?.answer === undefined) return;
    this.#mails.set(id, { ...mail, answer: { ...mail.answer, isArchived: true } });
  }

  /** Forgets a mail that is archived or no longer in the inbox. */
  forget(id: number): void {
    this.#mails.delete(id);
  }

  forgetAllBut(ids: ReadonlySet<number>): void {
    for (const id of this.#mails.keys()) if (!ids.has(id)) this.#mails.delete(id);
  }

  #postpone(id: number, reason: string, answer: DoubtfulAnswer | undefined): void {
    const attempts = (this.#mails.get(id)?.attempts ?? 0) + 1;
    const polls = Math.min(2 ** (attempts - 1), this.#pollsPerHour);
    this.#mails.set(id, { reason, attempts, dueAtPoll: this.#pollCount + polls, answer });
  }
}
