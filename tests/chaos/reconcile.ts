import type { ArchivedEmail, DeadEmail } from "./backend.ts";
import { BOUNCE_REPLIES, type EmailKind } from "./emails.ts";
import { faultName, type FaultRecord } from "./faults.ts";

export interface Findings {
  readonly posted: ReadonlyMap<string, EmailKind>;
  readonly accepted: ReadonlySet<string>;
  readonly archived: readonly ArchivedEmail[];
  readonly deadLetters: readonly DeadEmail[];
  readonly faults: readonly FaultRecord[];
}

export interface Reconciliation {
  /** How many emails ended how, for people to read. */
  readonly figures: Readonly<Record<string, number>>;
  /** Accepted emails that are not archived exactly once, nor a dead letter that the faults explain. */
  readonly broken: readonly string[];
  readonly foreign: readonly string[];
}

/** Network errors of an unreachable mail server. */
const NO_WAY =
  /connection|socket|ECONN|ETIMEDOUT|EPIPE|TLS|greeting|did not (?:take the mail|finish the login) within/i;

/** Explains why an email was given up: its own kind, or a fault. */
export function explainDeadLetter(
  kind: EmailKind,
  { reason, lastReply }: Pick<DeadEmail, "reason" | "lastReply">,
  faults: readonly FaultRecord[],
): string | undefined {
  const isForGood = reason.startsWith("refused for good: ");
  if (!isForGood && !reason.startsWith("gave up after ")) return undefined;
  const bounce = isForGood ? "permanent bounce" : "temporary bounce";
  if (kind === bounce && lastReply === BOUNCE_REPLIES[bounce]) return lastReply;
  if (isForGood) return undefined;
  if (lastReply === undefined) return NO_WAY.test(reason) ? "no way to the mail server" : undefined;
  const record = faults.find(({ reply }) => reply?.test(lastReply));
  return record && faultName(record);
}

/**
 * Compares the promises with the outcomes: each accepted email is archived once or is a dead letter that a fault explains, and
 * nothing else is there.
 */
export function reconcile(findings: Findings): Reconciliation {
  const { posted, accepted, archived, deadLetters, faults } = findings;
  const broken: string[] = [];
  const foreign: string[] = [];
  const documents = new Map<string, number>();
  for (const { _id, emailId } of archived) {
    const kind = posted.get(emailId ?? "");
    if (emailId === null || kind === undefined) {
      foreign.push(`the archive has ${_id} (email ${emailId}), which nobody posted`);
      continue;
    }
    if (kind !== "good") broken.push(`${emailId}, a ${kind}, is in the archive`);
    documents.set(emailId, (documents.get(emailId) ?? 0) + 1);
  }
  const twice = [...documents].filter(([, count]) => count > 1);
  broken.push(...twice.map(([id, count]) => `${id} is in the archive ${count} times`));

  const explanations = new Map<string, string>();
  for (const deadLetter of deadLetters) {
    const { id, reason } = deadLetter;
    const kind = posted.get(id);
    if (kind === undefined) {
      foreign.push(`${id} is a dead letter, and nobody posted it: ${reason}`);
      continue;
    }
    const explanation = explainDeadLetter(kind, deadLetter, faults);
    if (explanation === undefined) {
      broken.push(`${id}, a ${kind} email, is a dead letter, and no fault explains it: ${reason}`);
    }
    explanations.set(id, `${kind}, ${explanation ?? "unexplained"}`);
  }

  const lost = [...accepted].filter((id) => !documents.has(id) && !explanations.has(id));
  broken.push(
    ...lost.map((id) => `${id}, a ${posted.get(id)} email, was accepted and is nowhere`),
  );
  const dead = [...explanations].filter(([id]) => accepted.has(id) && !documents.has(id));
  const byReason = Map.groupBy(dead, ([, explanation]) => explanation);
  const promised = accepted.intersection(documents).size;
  return {
    figures: {
      "delivered to the inbox": archived.flatMap(({ deliveries }) => deliveries).length,
      archived: promised,
      // The answer was lost, or the request given up.
      "archived without a promise": documents.size - promised,
      "dead letters": dead.length,
      ...Object.fromEntries([...byReason].map(([reason, { length }]) => [`  ${reason}`, length])),
      // The mail server had it, but its reply was lost.
      "archived, and dead as well":
        [...explanations.keys()].filter((id) => documents.has(id)).length,
      lost: lost.length,
      "archived twice": twice.length,
    },
    broken,
    foreign,
  };
}
