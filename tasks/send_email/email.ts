import type { EmailState } from "@playground/server/trace-view";
import type { EmailDocument } from "@playground/shared/email";
import { formatDuration } from "@playground/shared/waterfall";
import type { FollowResult } from "@playground/tasks/clients/message-server";

/** What is sent where nobody says otherwise. */
export const DEFAULT_EMAIL = {
  from: "me@example.com",
  to: "you@example.com",
  subject: "Something catchy",
  body: "Whatever you want",
} as const;

/** The parts of the email that are given; what is missing is asked for, or has its default. */
export type GivenEmail = Readonly<
  Partial<Record<"from" | "fromName" | "to" | "toName" | "subject" | "body", string | undefined>>
>;

export function toDocument(given: GivenEmail): EmailDocument {
  const party = (address: string, display: string | undefined) =>
    display === undefined ? { address } : { address, display };
  return {
    sender: party(given.from ?? DEFAULT_EMAIL.from, given.fromName),
    recipient: party(given.to ?? DEFAULT_EMAIL.to, given.toName),
    subject: given.subject ?? DEFAULT_EMAIL.subject,
    body: given.body ?? DEFAULT_EMAIL.body,
  };
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
      return state.followed
        ? "delivered: Mailtrap has it; it waits for the next poll"
        : "delivered: Mailtrap has it";
    case "archived":
      return "archived: MongoDB has it";
  }
}

export function describeEnd(result: FollowResult, elapsedMs: number): string {
  const seconds = `${(elapsedMs / 1000).toFixed(1)} s`;
  switch (result.end) {
    case "settled":
      return `${describeState(result.progress.state)} (${seconds})`;
    case "unseen":
      return `accepted; it cannot be followed further: ${result.reason}`;
    case "timeout":
      return `Cannot follow the email any longer: it is not archived after ${seconds}, but ` +
        `${describeState(result.progress.state)}; look at its trace, or give a longer --timeout`;
  }
}

/** For `--json`. An email of which nothing was seen has no state. */
export function describeResult(result: FollowResult): Readonly<Record<string, unknown>> {
  const { end, progress: { state, spans } } = result;
  return {
    end,
    ...(result.end === "unseen" ? { reason: result.reason } : {}),
    ...(result.end === "unseen" && spans.length === 0 ? {} : { state }),
    spans,
  };
}

export function exitCodeOf(result: FollowResult): number {
  switch (result.end) {
    case "settled":
      return result.progress.state.name === "archived" ? 0 : 1;
    case "unseen":
      return 0;
    case "timeout":
      return 3;
  }
}

function describeRetry(
  { attempt, maxAttempts, nextAttemptAt, reason }: Extract<EmailState, { name: "retrying" }>,
  nowMs: number,
): string {
  const which = maxAttempts === undefined
    ? `attempt ${attempt}`
    : `attempt ${attempt} of ${maxAttempts}`;
  const failed = `${which} failed: ${reason}`;
  if (nextAttemptAt === undefined) return `${failed}; it waits for the next one`;
  const waitMs = Date.parse(nextAttemptAt) - nowMs;
  return waitMs <= 0
    ? `${failed}; the next one is due`
    : `${failed}; the next one is in ${formatDuration(waitMs * 1_000)}`;
}
