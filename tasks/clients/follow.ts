import type { EmailState } from "@playground/server/trace-view";
import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import type { AcceptedEmail, MessageServerClient } from "./message_server_client.ts";

/** What is known of an email at one moment. */
export interface Progress {
  /** Where it is. */
  readonly state: EmailState;
  /** The spans so far. */
  readonly spans: readonly ZipkinSpan[];
}

/** How following an email ended. */
export type FollowResult =
  /** It has reached a state that it stays in. */
  | { readonly end: "settled"; readonly progress: Progress }
  /** Following is impossible from here; the email travels on unseen. */
  | { readonly end: "unseen"; readonly reason: string; readonly progress: Progress }
  /** It took too long. */
  | { readonly end: "timeout"; readonly progress: Progress };

/** How to follow an email. */
export interface FollowOptions {
  /** Reads the traces. */
  readonly client: Pick<MessageServerClient, "readTrace">;
  /** The email, and the trace that it travels in, perhaps beside others. */
  readonly email: Pick<AcceptedEmail, "id" | "traceId">;
  /** How long to follow. */
  readonly timeoutMs: number;
  /** Called whenever there is something new. */
  readonly onProgress: (progress: Progress) => void;
  /** Milliseconds of a monotonic clock. @default `performance.now` */
  readonly now?: () => number;
  /** Waits some milliseconds. @default a timer */
  readonly pause?: (durationMs: number) => Promise<void>;
}

/** Spans arrive about twice a second. */
const INTERVAL_MS = 250;
/** A collector that cannot be asked for so long is taken to be away. */
const UNAVAILABLE_MS = 5_000;
/** Spans of one trace come from several processes, and the last ones a moment after the state is known. */
const COMPLETION_MS = 2_000;

/** Follows an email until it has reached a state that it stays in, and its trace is complete. */
export async function followEmail(options: FollowOptions): Promise<FollowResult> {
  const { client, email, timeoutMs, onProgress, pause = timer } = options;
  const { now: clock = () => performance.now() } = options;
  const start = clock();
  let progress: Progress = { state: { name: "queued" }, spans: [] };
  let lastSeenAt = start;
  let settledAt: number | undefined;
  for (;;) {
    const result = await client.readTrace(email.traceId, email.id);
    const now = clock();
    if (result.status === "found") {
      // The time until the next attempt is news, too.
      const isWaiting = result.state.name === "retrying";
      if (isWaiting || result.spans.length !== progress.spans.length) onProgress(result);
      progress = result;
    }
    if (result.status !== "unavailable") lastSeenAt = now;
    else if (result.forGood || now - lastSeenAt > UNAVAILABLE_MS) {
      return { end: "unseen", reason: result.reason, progress };
    }
    if (isFinal(progress.state)) {
      settledAt ??= now;
      if (isComplete(progress.spans) || now - settledAt > COMPLETION_MS) return ended(progress);
    }
    if (now - start > timeoutMs) return { end: "timeout", progress };
    await pause(INTERVAL_MS);
  }
}

function timer(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs));
}

function isFinal(state: EmailState): boolean {
  return state.name === "archived" || state.name === "dead-lettered" || state.name === "refused" ||
    (state.name === "delivered" && !state.followed);
}

function ended(progress: Progress): FollowResult {
  return progress.state.name === "delivered"
    ? {
      end: "unseen",
      reason: "the mail carries no trace (TRACE_THROUGH_SMTP=off), so its archiving cannot be seen",
      progress,
    }
    : { end: "settled", progress };
}

/** Whether each parent and each step that a later step proves is there. */
function isComplete(spans: readonly ZipkinSpan[]): boolean {
  const ids = new Set(spans.map(({ id }) => id));
  const names = new Set(spans.map(({ name }) => name));
  return names.has("schedule-email") &&
    spans.every(({ parentId, name }) =>
      parentId === undefined || name === "schedule-email" || ids.has(parentId)
    );
}
