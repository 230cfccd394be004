import type { EmailKind } from "./emails.ts";
import type { ArchivedEmail } from "./observer.ts";
import { type Violation, violationsOf } from "./promises.ts";
import type { DeadEmail } from "./queues.ts";

export interface Findings {
  readonly posted: ReadonlyMap<string, EmailKind>;
  readonly accepted: ReadonlySet<string>;
  readonly archived: readonly ArchivedEmail[];
  readonly deadLetters: readonly DeadEmail[];
  readonly faults: FaultSummary;
}

export interface FaultSummary {
  readonly redeliveries: number;
  readonly kinds: ReadonlySet<string>;
}

export interface Reconciliation {
  readonly archived: number;
  /** Accepted, and among the dead letters only, by kind and reason. */
  readonly deadLettered: ReadonlyMap<string, number>;
  /** In the archive, and once more among the dead letters: the mail server had it and the emailer was not told. */
  readonly both: number;
  /** In the archive although the caller had no promise: the answer was lost, or the request given up. */
  readonly archivedUnpromised: number;
  readonly delivered: number;
  readonly duplicates: number;
  readonly lost: number;
  readonly archivedTwice: number;
  readonly violations: readonly Violation[];
}

/** How often RabbitMQ delivers a message before it gives it up by itself. */
const DELIVERY_LIMIT = 20;

/** What an error of the network says, where the mail server could not be reached. */
const NO_WAY =
  /connection|socket|ECONN|ETIMEDOUT|EPIPE|TLS|greeting|did not (?:take the mail|finish the login) within/i;

/** What the mail server says when it is told to fail. */
const FAILURE_REPLIES: readonly (readonly [kind: string, reply: RegExp])[] = [
  ["smtp 451 at times", /^451 4\.3\.0 /],
  ["smtp cut before the end of a mail", /^451 4\.4\.2 /],
  ["smtp rate limit", /^550 5\.7\.0 .*too many emails per second/],
];

/** Says which fault explains why an email was given up. */
export function explainDeadLetter(
  kind: EmailKind,
  { reason, lastReply }: Pick<DeadEmail, "reason" | "lastReply">,
  faults: FaultSummary,
): string | undefined {
  if (reason.startsWith("delivery_limit")) {
    return faults.redeliveries >= DELIVERY_LIMIT ? "delivery limit" : undefined;
  }
  if (reason.startsWith("refused for good: ")) {
    return kind === "permanent bounce" && lastReply?.startsWith("550 ")
      ? "550, for good"
      : undefined;
  }
  if (!reason.startsWith("gave up after ")) return undefined;
  if (lastReply === undefined) return NO_WAY.test(reason) ? "no way to the mail server" : undefined;
  const failure = FAILURE_REPLIES.find(([, reply]) => reply.test(lastReply));
  if (failure !== undefined) return faults.kinds.has(failure[0]) ? failure[0] : undefined;
  return kind === "temporary bounce" && lastReply.startsWith("451 ")
    ? "451, again and again"
    : undefined;
}

/**
 * Holds what was promised against what became of it: each accepted email is archived once or is a dead letter that a fault
 * explains, and nothing else is there.
 */
export function reconcile(findings: Findings): Reconciliation {
  const { posted, accepted, archived, deadLetters, faults } = findings;
  const broken: string[] = [];
  const foreign: string[] = [];
  const documents = new Map<string, number>();
  let delivered = 0;
  for (const { _id, emailId, deliveries } of archived) {
    delivered += deliveries.length;
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
      broken.push(
        `${id}, a ${kind} email, is a dead letter, and no fault explains it: ${reason}`,
      );
    }
    explanations.set(id, `${kind}, ${explanation ?? "unexplained"}`);
  }

  const lost = [...accepted].filter((id) => !documents.has(id) && !explanations.has(id));
  broken.push(
    ...lost.map((id) => `${id}, a ${posted.get(id)} email, was accepted and is nowhere`),
  );
  const dead = [...explanations].filter(([id]) => accepted.has(id) && !documents.has(id));
  return {
    archived: [...documents.keys()].filter((id) => accepted.has(id)).length,
    deadLettered: countBy(dead.map(([, explanation]) => explanation)),
    both: [...explanations.keys()].filter((id) => documents.has(id)).length,
    archivedUnpromised: [...documents.keys()].filter((id) => !accepted.has(id)).length,
    delivered,
    duplicates: delivered - archived.length,
    lost: lost.length,
    archivedTwice: twice.length,
    violations: [...violationsOf("kept", broken), ...violationsOf("nothingElse", foreign)],
  };
}

function countBy(values: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}
