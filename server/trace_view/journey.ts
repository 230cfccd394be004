import type { EmailState } from "./email_state.ts";
import type { TraceRow } from "./rows.ts";

/** The rows of an email sorted by what they tell of, each list in order of time. */
export interface Journey {
  /** Where the email is. */
  readonly state: EmailState;
  /** When the picture starts, in microseconds since 1970. */
  readonly startUs: number;
  /** The request. */
  readonly request: TraceRow | undefined;
  /** The publishes to the exchange; more than one when it was requeued from the dead letters. */
  readonly publishes: readonly TraceRow[];
  /** The publishes to the exchange and to the retry queues. */
  readonly messages: readonly TraceRow[];
  /** The attempts that are over. */
  readonly attempts: readonly TraceRow[];
  /** The conversations with the mail server. */
  readonly sends: readonly TraceRow[];
  /** The email's way from the inbox into the archive. */
  readonly archivings: readonly TraceRow[];
  /** The polls' looks at the mail. */
  readonly fetches: readonly TraceRow[];
  /** The polls' writes. */
  readonly stores: readonly TraceRow[];
}

/** Sorts the rows of an email by what they tell of. */
export function journeyOf(
  state: EmailState,
  startUs: number,
  rows: readonly TraceRow[],
): Journey {
  const inOrder = rows.toSorted((a, b) => a.fromUs - b.fromUs);
  const named = (...names: readonly string[]) => inOrder.filter(({ name }) => names.includes(name));
  return {
    state,
    startUs,
    request: named("schedule-email")[0],
    publishes: named("amqp-publish"),
    messages: named("amqp-publish", "amqp-retry"),
    attempts: named("emailer"),
    sends: named("send-email"),
    archivings: named("archive-email"),
    fetches: named("fetch-message"),
    stores: named("store-message"),
  };
}

/** Whether an emailer has received the message of a publish. */
export function isReceived({ kinds }: TraceRow): boolean {
  return kinds.includes("CONSUMER");
}
