import type { PostResult } from "@playground/tasks/clients/message-server";
import type { ChaosEmail, EmailKind } from "./emails.ts";

export interface Refusal {
  readonly traceId: string;
  /** Who refused it: `message-server 1`. */
  readonly server: string;
  readonly betweenMs: readonly [from: number, to: number];
}

export class Ledger {
  /** All that may be accepted, by id. */
  readonly posted = new Map<string, EmailKind>();
  readonly accepted = new Set<string>();
  /** The traces of the requests that were accepted; an email that was accepted twice has two. */
  readonly acceptedTraces = new Set<string>();
  readonly refusals: Refusal[] = [];
  /** Answers that no caller may get. */
  readonly violations: string[] = [];
  acceptedAgain = 0;
  unanswered = 0;
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** Posts an email; returns whether it was accepted. */
  async post(
    { id, kind }: Pick<ChaosEmail, "id" | "kind">,
    server: string,
    post: () => Promise<PostResult>,
  ): Promise<boolean> {
    this.posted.set(id, kind);
    const postedAtMs = this.#now();
    const result = await post();
    switch (result.status) {
      case "unreachable":
        this.unanswered++;
        return false;
      case "refused": {
        const { httpStatus, lines, traceId } = result;
        const reply = `HTTP ${httpStatus}`;
        if (httpStatus !== 503) {
          this.violations.push(`${id} was refused: ${reply} ${lines.join(" ")}`);
        }
        if (traceId === undefined) {
          this.violations.push(`${id} was refused, and the answer names no trace: ${reply}`);
        } else {
          this.refusals.push({ traceId, server, betweenMs: [postedAtMs, this.#now()] });
        }
        return false;
      }
      case "accepted": {
        const { email } = result;
        if (email.id !== id) this.violations.push(`${id} was accepted as ${email.id}`);
        if (this.accepted.has(id)) this.acceptedAgain++;
        this.accepted.add(id);
        this.acceptedTraces.add(email.traceId);
        return true;
      }
    }
  }
}
