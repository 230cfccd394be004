import type { ReadableSpan } from "@opentelemetry/sdk-trace";

/** The prepared form of a span that waits for the collector. */
export interface PreparedSpan {
  readonly sizeBytes: number;
}

/** Sends spans to a collector; each is prepared once, when it ends. */
export interface BatchExporter<Prepared extends PreparedSpan> {
  prepare(span: ReadableSpan): Prepared;
  send(batch: readonly Prepared[]): Promise<Delivery>;
  shutdown?(): Promise<void>;
}

/** Why a collector did not accept a batch. */
export type Failure =
  /** It may accept the same batch later. */
  | "later"
  /** It may accept a smaller one. */
  | "too-large"
  /** It would refuse the same batch again. */
  | "refused";

/** The outcome of a batch. */
export type Delivery =
  | { readonly outcome: "taken" }
  | {
    readonly outcome: Failure;
    readonly reason: string;
    /** The pause that the collector asks for. */
    readonly pauseMs?: number | undefined;
  };

/** The meaning of an error status; a collector that asks for a pause accepts the same batch after it. */
export function failureOf(status: number, pauseMs?: number): Failure {
  if (status === 413) return "too-large";
  return pauseMs !== undefined || status === 408 || status === 429 || status >= 500
    ? "later"
    : "refused";
}
