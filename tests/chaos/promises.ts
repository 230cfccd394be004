export const PROMISES = {
  kept: "every 202 is archived exactly once or is a dead letter that the faults explain",
  nothingElse: "nothing else is archived",
  empty: "no queue and no inbox holds anything",
  alive: "every process that should live is ready, and none ended by itself",
  answers: "every answer is a 202 or a 503",
  visible: "each failure is an error in the trace of the email that it hit",
} as const;

export type PromiseName = keyof typeof PROMISES;

export interface Violation {
  readonly promise: PromiseName;
  readonly detail: string;
}

export function violationsOf(
  promise: PromiseName,
  details: Iterable<string>,
): readonly Violation[] {
  return Array.from(details, (detail) => ({ promise, detail }));
}
