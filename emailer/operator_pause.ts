import { getLogger } from "@logtape/logtape";
import { context, ROOT_CONTEXT } from "@opentelemetry/api";
import { sleep } from "@playground/shared/time";
import type { LoginOutcome } from "./send_outcome.ts";

interface OperatorPauseOptions {
  readonly stopConsuming: () => Promise<void>;
  readonly resumeConsuming: () => Promise<void>;
  /** Checks the login without sending a mail. */
  readonly tryLogin: (signal: AbortSignal) => Promise<LoginOutcome>;
  /** How long to wait before each try, in milliseconds. */
  readonly intervalMs: number;
}

/**
 * Holds all mails back while none can be sent until a person acts: a wrong password, a used-up monthly quota.
 *
 * Meanwhile no message is taken or held: RabbitMQ would take one back after 30 minutes
 * (https://www.rabbitmq.com/docs/consumers#acknowledgement-timeout) and count that as a failed delivery. A successful login ends
 * the pause, so that no email serves as a probe.
 */
export class OperatorPause implements Disposable {
  readonly #options: OperatorPauseOptions;
  readonly #logger = getLogger(["emailer"]);
  readonly #stop = new AbortController();
  #reason: string | undefined;

  constructor(options: OperatorPauseOptions) {
    this.#options = options;
  }

  /** Why no mail can be sent now, for the readiness; `undefined` outside a pause. */
  get reason(): string | undefined {
    return this.#reason;
  }

  begin(reason: string): void {
    if (this.#reason !== undefined || this.#stop.signal.aborted) return;
    this.#explain(reason);
    // Outside the span of the email that began it: later log records are not about that one.
    context.with(ROOT_CONTEXT, () => this.#untilUsable());
  }

  /** Ends the pause for good, without consuming again. */
  [Symbol.dispose](): void {
    this.#stop.abort();
  }

  async #untilUsable(): Promise<void> {
    const { stopConsuming, resumeConsuming, tryLogin, intervalMs } = this.#options;
    const { signal } = this.#stop;
    await stopConsuming();
    for (;;) {
      await sleep(intervalMs, signal);
      if (signal.aborted) return;
      const outcome = await tryLogin(signal);
      if (signal.aborted) return;
      if (outcome.status === "accepted") break;
      this.#explain(outcome.reason);
    }
    this.#reason = undefined;
    this.#logger.info("The mail server accepts the login again; sending");
    await resumeConsuming();
  }

  #explain(reason: string): void {
    const explanation =
      `Cannot send any mail: ${reason}; check MAILTRAP_USER, MAILTRAP_PASSWORD, SMTP_HOST and the account`;
    if (explanation === this.#reason) return;
    this.#reason = explanation;
    this.#logger.error("{reason}; trying to log in every {seconds} s", {
      reason: explanation,
      seconds: this.#options.intervalMs / 1000,
    });
  }
}
