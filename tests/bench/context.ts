import type { RealComponents } from "../fixture/real_components.ts";
import type { Components } from "./row.ts";

/** The broker and the database; spans go to a sink. */
export interface Backing extends Pick<RealComponents, "amqpUrl" | "mongodbUrl"> {
  readonly components: Components;
}

export interface BenchContext {
  readonly backing: Backing;
  /** The short version has fewer comparisons, with less work in each. */
  readonly isShort: boolean;
  readonly rounds: number;
  readonly profileDirectory?: string | undefined;
  /** Ends the measuring early, without waiting for the bench's processes. */
  readonly signal: AbortSignal;
  readonly progress: (line: string) => void;
}

/** A promise to race with: it rejects when the measuring ends early. */
export function rejectOnAbort(signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  promise.catch(() => {});
  signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  return promise;
}
