import type { FaultName } from "../faults/catalogue.ts";
import type { Faults } from "../faults/registry.ts";
import type { NegativeReply } from "./bounce_emulator.ts";

const TEXTS: Readonly<Record<string, string>> = {
  421: "4.3.2 Service not available, closing transmission channel",
  450: "4.2.1 Mailbox busy",
  451: "4.3.0 Requested action aborted: local error in processing",
  452: "4.3.1 Insufficient system storage",
  454: "4.7.0 Temporary authentication failure",
  535: "5.7.8 Authentication credentials invalid",
  550: "5.1.1 No such user here",
  551: "5.1.6 User not local",
  552: "5.2.2 Mailbox full",
  553: "5.1.3 Mailbox name not allowed",
  554: "5.0.0 Transaction failed",
};
const WRONG_PASSWORD: NegativeReply = { code: 535, text: "5.7.0 Invalid login or password" };
const MONTHLY_LIMIT: NegativeReply = { code: 535, text: "5.7.0 Monthly messages limit reached" };
const RATE_LIMIT: NegativeReply = {
  code: 550,
  text: "5.7.0 Requested action not taken: too many emails per second",
};

const LOGIN_FAULTS: readonly FaultName[] = [
  "smtp.wrong-password",
  "smtp.monthly-limit",
  "smtp.auth-reply",
];

const RATE_WINDOW_MS = 1_000;

/** What goes wrong with the mails of one server, at each step of the dialogue (RFC 5321). */
export class SmtpFaults {
  readonly #faults: Faults;
  /** When the mails of the last second were accepted. */
  #recentMs: readonly number[] = [];

  constructor(faults: Faults) {
    this.#faults = faults;
  }

  onConnect(): NegativeReply | undefined {
    return replyWith(this.#faults.hit("smtp.connect-reply"));
  }

  onAuth(): NegativeReply | undefined {
    if (this.#faults.hit("smtp.wrong-password")) return WRONG_PASSWORD;
    if (this.#faults.hit("smtp.monthly-limit")) return MONTHLY_LIMIT;
    return replyWith(this.#faults.hit("smtp.auth-reply"));
  }

  /** Who has logged in before would not notice that logins begin to fail. */
  onLoginsRefused(listener: () => void): () => void {
    return this.#faults.onChange((changed) => {
      if (LOGIN_FAULTS.includes(changed) && this.#faults.valueOf(changed) !== undefined) listener();
    });
  }

  onRecipient(): NegativeReply | undefined {
    return replyWith(this.#faults.hit("smtp.recipient-reply"));
  }

  cutsDuringData(): boolean {
    return this.#faults.hit("smtp.drop-during-data") ?? false;
  }

  async onMail(signal: AbortSignal): Promise<NegativeReply | undefined> {
    await this.#faults.holdUp("smtp.delay", signal);
    return replyWith(this.#faults.hit("smtp.reply")) ?? this.#rateLimit();
  }

  cutsAfterData(): boolean {
    return this.#faults.hit("smtp.drop-after-data") ?? false;
  }

  #rateLimit(): NegativeReply | undefined {
    const limit = this.#faults.valueOf("smtp.rate-limit");
    if (limit === undefined) return undefined;
    const now = Date.now();
    this.#recentMs = this.#recentMs.filter((timeMs) => timeMs > now - RATE_WINDOW_MS);
    if (this.#recentMs.length >= limit && this.#faults.hit("smtp.rate-limit")) return RATE_LIMIT;
    this.#recentMs = [...this.#recentMs, now];
    return undefined;
  }
}

function replyWith(code: string | undefined): NegativeReply | undefined {
  return code === undefined ? undefined : { code: Number(code), text: TEXTS[code] ?? "" };
}
