import type { ReadableSpan } from "@opentelemetry/sdk-trace";

/** What of a finished span waits for the collector. */
export interface PreparedSpan {
  /** What it adds to a batch. */
  readonly sizeBytes: number;
}

/** Sends spans to a collector, each made ready once, when it ends. */
export interface BatchExporter<Prepared extends PreparedSpan> {
  /** Makes a finished span ready. */
  prepare(span: ReadableSpan): Prepared;
  /** Sends a batch. */
  send(batch: readonly Prepared[]): Promise<Delivery>;
  /** Ends what the exporter has open. */
  shutdown(): Promise<void>;
}

/** What a collector does with a batch that it does not take. */
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
    /** In words. */
    readonly reason: string;
    /** How long the collector wants to be left alone. */
    readonly pauseMs?: number | undefined;
  };

/** What a collector means by a status that is no success; one that asks for a pause takes the same batch after it. */
export function failureOf(status: number, pauseMs?: number): Failure {
  if (status === 413) return "too-large";
  return pauseMs !== undefined || status === 408 || status === 429 || status >= 500
    ? "later"
    : "refused";
}
