import type { EmailDocument } from "@playground/shared/email";
import type { PostResult } from "@playground/tasks/clients/message-server";
import type { LoadPlan } from "./arguments.ts";
import type { LoadEmail } from "./email_mix.ts";
import { Pacer } from "./pacer.ts";
import type { Sleep } from "@playground/shared/time";
import type { Tally } from "./tally.ts";

/** What generating load needs. */
export interface GeneratorOptions {
  /** How much, and how fast. */
  readonly plan: Pick<LoadPlan, "ratePerSecond" | "count" | "durationMs" | "concurrency">;
  /** Writes the emails. */
  readonly emailOf: (index: number) => LoadEmail;
  /** Posts one. */
  readonly post: (document: EmailDocument) => Promise<PostResult>;
  /** Counts the answers. */
  readonly tally: Tally;
  /** Ends the sending; requests that wait for their answer are waited for. */
  readonly signal: AbortSignal;
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number;
  /** Waits. */
  readonly sleep: Sleep;
}

/** A server that is away is not asked more often than so by each of the requests at once. */
const PAUSE_AFTER_FAILURE_MS = 100;

/**
 * Sends emails until the plan is fulfilled. As many loops as requests may be open at once each take the next email that is due,
 * so that no list of emails or requests ever grows.
 */
export async function generateLoad(options: GeneratorOptions): Promise<void> {
  const { plan, emailOf, post, tally, signal, now, sleep } = options;
  const pacer = new Pacer(plan, now());
  const sendOneAfterTheOther = async () => {
    for (;;) {
      const slot = pacer.next(now());
      if (slot === undefined) return;
      const early = slot.dueAtMs - now();
      if (early > 0) await sleep(early, signal);
      if (signal.aborted) return;
      const { document, expected } = emailOf(slot.index);
      const result = await post(document);
      // From when it was due: else the emails that a slow server held up would not count as slow.
      tally.record(result, expected, now() - slot.dueAtMs);
      if (result.status !== "accepted") await sleep(PAUSE_AFTER_FAILURE_MS, signal);
    }
  };
  await Promise.all(Array.from({ length: plan.concurrency }, sendOneAfterTheOther));
}
