/**
 * What `deno task load` sends, and when: {@linkcode eachWhenDue} says when an email is due, {@linkcode createEmailMix} writes it,
 * {@linkcode generateLoad} posts it and counts the answer.
 *
 * @module
 */
import type { EmailDocument } from "@playground/shared/email";
import { sleep } from "@playground/shared/time";
import type { PostResult } from "@playground/tasks/clients/message-server";
import type { ExpectedEnd, Tally } from "./tally.ts";

/** How much is sent, and how fast. */
export interface LoadPlan {
  /** Absent: as fast as possible. */
  readonly ratePerSecond?: number | undefined;
  /** Absent: as many as fit into the duration. */
  readonly count?: number | undefined;
  /** Absent: until all are sent. */
  readonly durationMs?: number | undefined;
  readonly concurrency: number;
  /** The share of the emails that bounce, from 0 to 1. */
  readonly badRatio: number;
  readonly bodySizeBytes: number;
}

/**
 * Sends emails when they are due, from number 0 on. One loop per concurrent request takes the next one, so that no list of emails
 * or requests grows. A late sender catches up: the rate holds over the whole run. An abort ends the sending; open requests are
 * awaited.
 */
export async function eachWhenDue(
  plan: Pick<LoadPlan, "ratePerSecond" | "count" | "durationMs" | "concurrency">,
  send: (index: number, dueAtMs: number) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const { ratePerSecond, count = Infinity, durationMs = Infinity, concurrency } = plan;
  const now = () => performance.now();
  const startedAtMs = now();
  let next = 0;
  const sendOneAfterTheOther = async () => {
    while (next < count) {
      const index = next;
      const plannedAtMs = ratePerSecond === undefined
        ? now()
        : startedAtMs + index * 1000 / ratePerSecond;
      if (Math.max(plannedAtMs, now()) - startedAtMs >= durationMs) return;
      next++;
      const earlyMs = plannedAtMs - now();
      if (earlyMs > 0) await sleep(earlyMs, signal);
      if (signal.aborted) return;
      // A late timer is not the server's fault; the wait for a free loop is.
      await send(index, earlyMs > 0 ? now() : plannedAtMs);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, sendOneAfterTheOther));
}

/** Mailtrap's bounce emulator refuses it for good (https://docs.mailtrap.io/email-sandbox/testing/bounce-rate). */
const BAD_RECIPIENT = "bounce+550+no+such+user@example.com";
const BODY_LINE = "The quick brown fox jumps over the lazy dog and is archived for it.\n";

/** The sender of all emails of a run, which sets them apart from all others. */
export function senderOf(runId: string): string {
  return `load-${runId}@example.com`;
}

/** Makes the function that writes the emails of a run. Bad ones are spread evenly. */
export function createEmailMix(
  runId: string,
  { badRatio, bodySizeBytes }: Pick<LoadPlan, "badRatio" | "bodySizeBytes">,
): (index: number) => { readonly document: EmailDocument; readonly expected: ExpectedEnd } {
  const lineCount = Math.ceil(bodySizeBytes / BODY_LINE.length);
  const body = BODY_LINE.repeat(lineCount).slice(0, bodySizeBytes);
  return (index) => {
    const isBad = Math.floor((index + 1) * badRatio) > Math.floor(index * badRatio);
    return {
      expected: isBad ? "deadLettered" : "archived",
      document: {
        sender: { address: senderOf(runId), display: "Load" },
        recipient: { address: isBad ? BAD_RECIPIENT : "you@example.com" },
        subject: `Load ${runId}, email ${index + 1}`,
        body,
      },
    };
  };
}

interface GeneratorOptions {
  readonly plan: Omit<LoadPlan, "badRatio" | "bodySizeBytes">;
  readonly emailOf: ReturnType<typeof createEmailMix>;
  readonly post: (document: EmailDocument) => Promise<PostResult>;
  readonly tally: Tally;
  /** Its abort ends the sending; open requests are awaited. */
  readonly signal: AbortSignal;
}

/** The pause after a failure, so that an unavailable server is not flooded. */
const PAUSE_AFTER_FAILURE_MS = 100;

/** Sends emails until the plan is fulfilled, and counts the answers. */
export async function generateLoad(options: GeneratorOptions): Promise<void> {
  const { plan, emailOf, post, tally, signal } = options;
  await eachWhenDue(plan, async (index, dueAtMs) => {
    const { document, expected } = emailOf(index);
    const result = await post(document);
    // From when it was due: otherwise emails that a slow server held up would not count as slow.
    tally.record(result, expected, performance.now() - dueAtMs);
    if (result.status !== "accepted") await sleep(PAUSE_AFTER_FAILURE_MS, signal);
  }, signal);
}
