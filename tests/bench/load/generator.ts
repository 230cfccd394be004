import { eachWhenDue } from "@playground/tasks/load";
import { quantile } from "../measure/samples.ts";
import { emailSample } from "./samples.ts";

export interface LoadOptions {
  readonly url: string;
  readonly concurrency: number;
  readonly count: number;
  /** Absent: the next email as soon as one was answered. */
  readonly ratePerSecond?: number;
  readonly isNumbered?: boolean;
}

interface LoadResult {
  readonly seconds: number;
  /** How long an answer took, waiting for a free loop included. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** When each email was posted, on the clock of `performance`. */
  readonly postedAtMs: readonly number[];
}

export async function postEmails(options: LoadOptions, signal: AbortSignal): Promise<LoadResult> {
  const { isNumbered = false } = options;
  const url = new URL("/email", options.url);
  const headers = { "content-type": "application/json" };
  const same = JSON.stringify(emailSample());
  const latenciesMs: number[] = [];
  const postedAtMs: number[] = [];
  const startedAtMs = performance.now();
  await eachWhenDue(options, async (index, dueAtMs) => {
    postedAtMs[index] = dueAtMs;
    const body = isNumbered ? JSON.stringify(emailSample(`${index}`)) : same;
    const response = await fetch(url, { method: "POST", headers, body });
    await response.bytes();
    if (response.status !== 202) {
      throw new Error(`Cannot go on: an email was answered ${response.status}`);
    }
    latenciesMs.push(performance.now() - dueAtMs);
  }, signal);
  signal.throwIfAborted();
  return {
    seconds: (performance.now() - startedAtMs) / 1000,
    p50Ms: quantile(latenciesMs, 0.5),
    p99Ms: quantile(latenciesMs, 0.99),
    postedAtMs,
  };
}
