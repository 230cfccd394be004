/** What a run holds the system to. */
export const PROMISES = {
  /** The promise that a 202 is. */
  kept: "every 202 is archived exactly once or is a dead letter that the faults explain",
  /** Nobody's mails. */
  nothingElse: "nothing else is archived",
  /** Nothing is left on its way. */
  empty: "no queue and no inbox holds anything",
  /** Nobody gives up. */
  alive: "every process that should live is ready, and none ended by itself",
  /** What callers are told. */
  answers: "every answer is a 202 or a 503",
  /** No failure without its trace. */
  visible: "each failure is an error in the trace of the email that it hit",
} as const;

/** One of {@linkcode PROMISES}. */
export type PromiseName = keyof typeof PROMISES;

/** A promise that was broken, and how. */
export interface Violation {
  /** Which promise. */
  readonly promise: PromiseName;
  /** How. */
  readonly detail: string;
}

/** Makes violations of one promise. */
export function violationsOf(
  promise: PromiseName,
  details: Iterable<string>,
): readonly Violation[] {
  return Array.from(details, (detail) => ({ promise, detail }));
}
