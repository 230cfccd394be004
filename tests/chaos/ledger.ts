import type { PostResult } from "@playground/tasks/clients/message-server";
import type { ChaosEmail, EmailKind } from "./emails.ts";

export interface Refusal {
  readonly traceId: string;
  /** Who refused it: `message-server 1`. */
  readonly server: string;
  readonly betweenMs: readonly [from: number, to: number];
}

/** What was asked of the message server, and what it promised. */
export class Ledger {
  readonly #now: () => number;
  readonly #posted = new Map<string, EmailKind>();
  readonly #accepted = new Set<string>();
  readonly #acceptedTraces = new Set<string>();
  readonly #replies = new Map<string, number>();
  readonly #refusals: Refusal[] = [];
  readonly #violations: string[] = [];
  #acceptedAgain = 0;
  #unanswered = 0;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  get posted(): ReadonlyMap<string, EmailKind> {
    return this.#posted;
  }

  get accepted(): ReadonlySet<string> {
    return this.#accepted;
  }

  /** The traces of the requests that were accepted; an email that was accepted twice has two. */
  get acceptedTraces(): ReadonlySet<string> {
    return this.#acceptedTraces;
  }

  get acceptedAgain(): number {
    return this.#acceptedAgain;
  }

  get refusals(): readonly Refusal[] {
    return this.#refusals;
  }

  get replies(): ReadonlyMap<string, number> {
    return this.#replies;
  }

  get unanswered(): number {
    return this.#unanswered;
  }

  get violations(): readonly string[] {
    return this.#violations;
  }

  /** Notes that an email is about to be posted: from now on it may be accepted. */
  posting(email: ChaosEmail): number {
    this.#posted.set(email.id, email.kind);
    return this.#now();
  }

  answered(
    email: ChaosEmail,
    result: PostResult,
    { server, postedAtMs }: { readonly server: string; readonly postedAtMs: number },
  ): void {
    switch (result.status) {
      case "unreachable":
        this.#unanswered++;
        return;
      case "refused": {
        const reply = `HTTP ${result.httpStatus}`;
        this.#replies.set(reply, (this.#replies.get(reply) ?? 0) + 1);
        if (result.httpStatus !== 503) {
          this.#violations.push(`${email.id} was refused: ${reply} ${result.lines.join(" ")}`);
        }
        if (result.traceId === undefined) {
          this.#violations.push(`${email.id} was refused, and the answer names no trace: ${reply}`);
        } else {
          const betweenMs = [postedAtMs, this.#now()] as const;
          this.#refusals.push({ traceId: result.traceId, server, betweenMs });
        }
        return;
      }
      case "accepted":
        if (result.email.id !== email.id) {
          this.#violations.push(`${email.id} was accepted as ${result.email.id}`);
        }
        if (this.#accepted.has(email.id)) this.#acceptedAgain++;
        this.#accepted.add(email.id);
        this.#acceptedTraces.add(result.email.traceId);
    }
  }
}
