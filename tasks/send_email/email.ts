import type { EmailState } from "@playground/server/trace-view";
import type { EmailDocument } from "@playground/shared/email";
import { formatDuration } from "@playground/shared/waterfall";
import type { FollowResult } from "@playground/tasks/clients/message-server";

export const DEFAULT_EMAIL = {
  from: "me@example.com",
  to: "you@example.com",
  subject: "Something catchy",
  body: "Whatever you want",
} as const;

export type EmailField = keyof typeof DEFAULT_EMAIL;

export type GivenEmail = Readonly<Partial<Record<EmailField, string>>>;

export function toDocument(given: GivenEmail): EmailDocument {
  const { from, to, subject, body } = { ...DEFAULT_EMAIL, ...given };
  return { sender: { address: from }, recipient: { address: to }, subject, body };
}

export function describeState(state: EmailState, nowMs: number = Date.now()): string {
  switch (state.name) {
    case "refused":
      return `refused: ${state.reason}`;
    case "queued":
      return "queued: RabbitMQ has it";
    case "retrying":
      return describeRetry(state, nowMs);
    case "sending":
      return `sending: attempt ${state.attempt} is under way`;
    case "dead-lettered":
      return `dead-lettered: ${state.reason}`;
    case "delivered":
      return `delivered: Mailtrap has it${state.followed ? "; it waits for the next poll" : ""}`;
    case "archived":
      return "archived: MongoDB has it";
  }
}

function describeRetry(
  { attempt, maxAttempts, nextAttemptAt, reason }: Extract<EmailState, { name: "retrying" }>,
  nowMs: number,
): string {
  const of = maxAttempts === undefined ? "" : ` of ${maxAttempts}`;
  const failed = `attempt ${attempt}${of} failed: ${reason}`;
  if (nextAttemptAt === undefined) return `${failed}; it waits for the next one`;
  const waitMs = Date.parse(nextAttemptAt) - nowMs;
  return waitMs <= 0
    ? `${failed}; the next one is due`
    : `${failed}; the next one is in ${formatDuration(waitMs * 1_000)}`;
}

export function describeEnd(result: FollowResult, elapsedMs: number): string {
  const seconds = `${(elapsedMs / 1000).toFixed(1)} s`;
  const state = describeState(result.state);
  switch (result.end) {
    case "settled":
      return `${state} (${seconds})`;
    case "unseen":
      return `accepted; it cannot be followed further: ${result.reason}`;
    case "timeout":
      return `Cannot follow the email any longer: it is not archived after ${seconds}, but ` +
        `${state}; look at its trace, or give a longer --timeout`;
  }
}

/** For `--json`. An email without spans has no state. */
export function describeResult(result: FollowResult): object {
  const isUnknown = result.end === "unseen" && result.spans.length === 0;
  return isUnknown ? { ...result, state: undefined } : result;
}

export function exitCodeOf({ end, state }: FollowResult): number {
  switch (end) {
    case "settled":
      return state.name === "archived" ? 0 : 1;
    case "unseen":
      return 0;
    case "timeout":
      return 3;
  }
}
