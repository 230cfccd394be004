import type { EmailFacts } from "./trace_facts.ts";

/** Joins the facts of several traces about one email, whose trace was cut in two or continues in linked retries. */
export function joinParts(emails: readonly EmailFacts[]): readonly EmailFacts[] {
  const partsOf = Map.groupBy(emails.filter(isPart), ({ summary: { emailId } }) => emailId);
  if (partsOf.size === 0) return emails;
  const joined = new Set<EmailFacts>();
  const whole = emails.filter((email) => !isPart(email)).map((email) => {
    const { emailId } = email.summary;
    const parts = emailId === undefined ? [] : partsOf.get(emailId) ?? [];
    for (const part of parts) joined.add(part);
    return parts.toSorted((a, b) => a.startUs - b.startUs).reduce(join, email);
  });
  return [...whole, ...emails.filter((email) => isPart(email) && !joined.has(email))];
}

/** Whether its request is in another trace. */
function isPart({ summary: { spanId } }: EmailFacts): boolean {
  return spanId === undefined;
}

/** The later part determines the state. */
function join(email: EmailFacts, part: EmailFacts): EmailFacts {
  const laterMs = Math.max(0, part.startUs - email.startUs) / 1_000;
  const { archivedAfterMs, durationMs, state, reason } = part.summary;
  const { summary } = email;
  return {
    startUs: email.startUs,
    summary: {
      ...summary,
      state,
      ...(reason === undefined ? {} : { reason }),
      durationMs: Math.max(summary.durationMs, laterMs + durationMs),
      // The open attempt is the later part.
      attempts: [...summary.attempts.filter((one) => one !== "open"), ...part.summary.attempts],
      spanCount: summary.spanCount + part.summary.spanCount,
      ...(archivedAfterMs === undefined ? {} : { archivedAfterMs: laterMs + archivedAfterMs }),
    },
    attemptKeys: [...email.attemptKeys, ...part.attemptKeys],
    calls: [...email.calls, ...part.calls],
    receivedUs: [...email.receivedUs, ...part.receivedUs],
  };
}
