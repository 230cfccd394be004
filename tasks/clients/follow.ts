import type { EmailState } from "@playground/server/trace-view";
import { sleep } from "@playground/shared/time";
import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import type { AcceptedEmail, MessageServerClient } from "./message_server.ts";

interface Progress {
  readonly state: EmailState;
  readonly spans: readonly ZipkinSpan[];
}

/** How following an email ended, and its trace by then. */
export type FollowResult =
  & Progress
  & (
    | { readonly end: "settled" | "timeout" }
    | { readonly end: "unseen"; readonly reason: string }
  );

interface FollowOptions {
  readonly client: Pick<MessageServerClient, "readTrace">;
  readonly email: Pick<AcceptedEmail, "id" | "traceId" | "sampled">;
  readonly timeoutMs: number;
  readonly onProgress?: (progress: Progress) => void;
}

const INTERVAL_MS = 250;
/** A collector that does not answer for this long counts as unavailable. */
const UNAVAILABLE_MS = 5_000;
/** The last spans may arrive a moment after the state is known. */
const COMPLETION_MS = 2_000;

/** Follows an email until it reaches a final state and its trace is complete. */
export async function followEmail(
  { client, email, timeoutMs, onProgress }: FollowOptions,
): Promise<FollowResult> {
  const start = performance.now();
  let progress: Progress = { state: { name: "queued" }, spans: [] };
  if (!email.sampled) return { end: "unseen", reason: "its trace is not sampled", ...progress };
  let lastSeenAt = start;
  let settledAt: number | undefined;
  for (;;) {
    const result = await client.readTrace(email.traceId, email.id);
    const now = performance.now();
    if (result.status === "found") {
      const { state, spans } = result;
      // While it waits, the time until the next attempt changes.
      if (state.name === "retrying" || spans.length !== progress.spans.length) onProgress?.(result);
      progress = { state, spans };
    }
    if (result.status !== "unavailable") lastSeenAt = now;
    else if (result.forGood || now - lastSeenAt > UNAVAILABLE_MS) {
      return { end: "unseen", reason: result.reason, ...progress };
    }
    if (isFinal(progress.state)) {
      settledAt ??= now;
      if (isComplete(progress.spans) || now - settledAt > COMPLETION_MS) return ended(progress);
    }
    if (now - start > timeoutMs) return { end: "timeout", ...progress };
    await sleep(INTERVAL_MS);
  }
}

function isFinal(state: EmailState): boolean {
  return state.name === "archived" || state.name === "dead-lettered" || state.name === "refused" ||
    (state.name === "delivered" && !state.followed);
}

function ended(progress: Progress): FollowResult {
  if (progress.state.name !== "delivered") return { end: "settled", ...progress };
  const reason =
    "the mail carries no trace (TRACE_THROUGH_SMTP=off), so its archiving cannot be seen";
  return { end: "unseen", reason, ...progress };
}

function isComplete(spans: readonly ZipkinSpan[]): boolean {
  const ids = new Set(spans.map(({ id }) => id));
  return spans.some(({ name }) => name === "schedule-email") &&
    spans.every(({ parentId, name }) =>
      parentId === undefined || name === "schedule-email" || ids.has(parentId)
    );
}
