/**
 * What `deno task load` sends, and when: a {@linkcode Pacer} says when an email is due, {@linkcode createEmailMix} writes it,
 * {@linkcode generateLoad} posts it and has the answer counted.
 *
 * @module
 */
import type { EmailDocument } from "@playground/shared/email";
import type { Sleep } from "@playground/shared/time";
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
  /** How many requests wait for their answer at once. */
  readonly concurrency: number;
  /** The part of the emails that shall bounce, from 0 to 1. */
  readonly badRatio: number;
  /** The size of each body. */
  readonly bodySizeBytes: number;
}

type Pace = Pick<LoadPlan, "ratePerSecond" | "count" | "durationMs">;

/** Hands out the times at which emails are due. A late sender catches up: the rate holds over the whole run. */
export class Pacer {
  readonly #pace: Pace;
  readonly #startMs: number;
  #next = 0;

  constructor(pace: Pace, startMs: number) {
    this.#pace = pace;
    this.#startMs = startMs;
  }

  /** Takes the next email, counted from 0, and when it is due; nothing at the end of the run. */
  next(nowMs: number): { readonly index: number; readonly dueAtMs: number } | undefined {
    const { ratePerSecond, count = Infinity, durationMs = Infinity } = this.#pace;
    const index = this.#next;
    const dueAtMs = ratePerSecond === undefined
      ? nowMs
      : this.#startMs + index * 1000 / ratePerSecond;
    const isOver = Math.max(dueAtMs, nowMs) - this.#startMs >= durationMs;
    if (index >= count || isOver) return undefined;
    this.#next++;
    return { index, dueAtMs };
  }
}

/** Mailtrap's bounce emulator refuses it for good (https://docs.mailtrap.io/email-sandbox/testing/bounce-rate). */
const BAD_RECIPIENT = "bounce+550+no+such+user@example.com";
const BODY_LINE = "The quick brown fox jumps over the lazy dog and is archived for it.\n";

/** The sender of all emails of a run, which sets them apart from all others. */
export function senderOf(runId: string): string {
  return `load-${runId}@example.com`;
}

/** Makes the function that writes the emails of a run. The bad ones are spread evenly over it. */
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
  readonly plan: Pace & Pick<LoadPlan, "concurrency">;
  readonly emailOf: ReturnType<typeof createEmailMix>;
  readonly post: (document: EmailDocument) => Promise<PostResult>;
  readonly tally: Tally;
  /** Ends the sending; requests that wait for their answer are waited for. */
  readonly signal: AbortSignal;
  /** A monotonic clock. */
  readonly now: () => number;
  readonly sleep: Sleep;
}

/** After a failure: a server that is away is spared. */
const PAUSE_AFTER_FAILURE_MS = 100;

/**
 * Sends emails until the plan is fulfilled: as many loops as requests may be open at once each take the next email that is due,
 * so that no list of emails or requests grows.
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
