import type { PostResult } from "@playground/tasks/message-server";
import type { ChaosEmail, EmailKind } from "./emails.ts";

/** What was asked of the message server, and what it promised. */
export class Ledger {
  readonly #posted = new Map<string, EmailKind>();
  readonly #accepted = new Set<string>();
  readonly #refusals = new Map<string, number>();
  readonly #violations: string[] = [];
  #acceptedAgain = 0;
  #unanswered = 0;

  /** The kinds of the emails that were posted, by their ids, whatever came of it. */
  get posted(): ReadonlyMap<string, EmailKind> {
    return this.#posted;
  }

  /** The ids of the emails that were accepted: the promises. */
  get accepted(): ReadonlySet<string> {
    return this.#accepted;
  }

  /** How often an email was accepted that had been accepted before. */
  get acceptedAgain(): number {
    return this.#acceptedAgain;
  }

  /** How many requests were refused, by the reply. */
  get refusals(): ReadonlyMap<string, number> {
    return this.#refusals;
  }

  /** How many requests had no answer. */
  get unanswered(): number {
    return this.#unanswered;
  }

  /** Answers that no fault explains. */
  get violations(): readonly string[] {
    return this.#violations;
  }

  /**
   * Notes that an email is about to be posted: from now on it may be accepted.
   *
   * @param email The email.
   */
  posting(email: ChaosEmail): void {
    this.#posted.set(email.id, email.kind);
  }

  /**
   * Notes what came of it.
   *
   * @param email The email.
   * @param result The answer.
   */
  answered(email: ChaosEmail, result: PostResult): void {
    switch (result.status) {
      case "unreachable":
        this.#unanswered++;
        return;
      case "refused": {
        const reply = `HTTP ${result.httpStatus}`;
        this.#refusals.set(reply, (this.#refusals.get(reply) ?? 0) + 1);
        if (result.httpStatus !== 503) {
          this.#violations.push(`${email.id} was refused: ${reply} ${result.lines.join(" ")}`);
        }
        return;
      }
      case "accepted":
        if (result.email.id !== email.id) {
          this.#violations.push(`${email.id} was accepted as ${result.email.id}`);
        }
        if (this.#accepted.has(email.id)) this.#acceptedAgain++;
        this.#accepted.add(email.id);
    }
  }
}
