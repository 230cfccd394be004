import { attribute, type ZipkinSpan } from "@playground/shared/tracing";

/** Where an email is on its way. */
export type EmailState =
  /** The broker did not take it, or the request was refused. */
  | { readonly name: "refused"; readonly reason: string }
  /** It waits in the queue, or a part of the trace is still on its way here. */
  | { readonly name: "queued" }
  /** It could not be sent and waits for another attempt. */
  | { readonly name: "retrying"; readonly attempt: number; readonly reason: string }
  /** It could not be sent and is kept with the dead letters. */
  | { readonly name: "dead-lettered"; readonly reason: string }
  /** The mail server has it. `followed` tells whether the mail carries its trace, so that its archiving will be seen. */
  | { readonly name: "delivered"; readonly followed: boolean }
  /** It is in MongoDB. */
  | { readonly name: "archived" };

/**
 * Derives the state of an email from its spans.
 *
 * @param spans The spans of its traces, in any order.
 * @returns The furthest state that they prove.
 */
export function emailStateOf(spans: readonly ZipkinSpan[]): EmailState {
  if (isArchived(spans)) return { name: "archived" };
  const attempts = spans.filter(({ name }) => name === "emailer").toSorted(byTime);
  const last = attempts.at(-1);
  if (last === undefined) return scheduledState(spans);
  const tags = last.tags ?? {};
  const reason = tags.error ?? "";
  switch (tags[attribute.outcome]) {
    case "delivered":
      return { name: "delivered", followed: tags[attribute.traceThroughSmtp] !== "off" };
    case "dead-lettered":
      return { name: "dead-lettered", reason };
    default:
      return { name: "retrying", attempt: Number(tags[attribute.attempt] ?? 1), reason };
  }
}

/** `archive-email` says so; where the poll's steps stand in the email's own trace, `store-message` does. */
function isArchived(spans: readonly ZipkinSpan[]): boolean {
  const own = spans.find(({ name }) => name === "emailer")?.traceId;
  return spans.some(({ name, traceId, tags = {} }) =>
    tags.error === undefined &&
    (name === "archive-email" || (name === "store-message" && traceId === own))
  );
}

function scheduledState(spans: readonly ZipkinSpan[]): EmailState {
  const refusal = spans.find(({ name, tags }) => name === "schedule-email" && tags?.error)?.tags
    ?.error;
  return refusal === undefined ? { name: "queued" } : { name: "refused", reason: refusal };
}

function byTime(a: ZipkinSpan, b: ZipkinSpan): number {
  return (a.timestamp ?? 0) - (b.timestamp ?? 0);
}
