import type { ReadableSpan } from "@opentelemetry/sdk-trace";

/** What of a finished span waits for the collector. */
export interface PreparedSpan {
  /** What it adds to a batch. */
  readonly sizeBytes: number;
}

/** Sends spans to a collector; each is prepared once, when it ends. */
export interface BatchExporter<Prepared extends PreparedSpan> {
  prepare(span: ReadableSpan): Prepared;
  send(batch: readonly Prepared[]): Promise<Delivery>;
  shutdown(): Promise<void>;
}

/** Why a collector did not take a batch. */
export type Failure =
  /** It may take the same batch later. */
  | "later"
  /** It may take a smaller one. */
  | "too-large"
  /** It would refuse the same batch again. */
  | "refused";

/** What became of a batch. */
export type Delivery =
  | { readonly outcome: "taken" }
  | {
    readonly outcome: Failure;
    readonly reason: string;
    /** How long the collector asks to be left alone. */
    readonly pauseMs?: number | undefined;
  };

/** What an error status means; a collector that asks for a pause takes the same batch after it. */
export function failureOf(status: number, pauseMs?: number): Failure {
  if (status === 413) return "too-large";
  return pauseMs !== undefined || status === 408 || status === 429 || status >= 500
    ? "later"
    : "refused";
}
