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

export interface LoadResult {
  readonly seconds: number;
  /** How long each answer took, the wait for a free loop included. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** When each email was posted, by {@linkcode preciseNow}. */
  readonly postedAtMs: readonly number[];
}

/** Milliseconds since 1970 with fractions, the same in all processes. */
export function preciseNow(): number {
  return performance.timeOrigin + performance.now();
}

export async function postEmails(options: LoadOptions): Promise<LoadResult> {
  const { isNumbered = false } = options;
  const url = new URL("/email", options.url);
  const headers = { "content-type": "application/json" };
  const same = JSON.stringify(emailSample());
  const latenciesMs: number[] = [];
  const postedAtMs: number[] = [];
  const startedAtMs = performance.now();
  await eachWhenDue(options, async (index, dueAtMs) => {
    postedAtMs[index] = performance.timeOrigin + dueAtMs;
    const body = isNumbered ? JSON.stringify(emailSample(`${index}`)) : same;
    const response = await fetch(url, { method: "POST", headers, body });
    await response.bytes();
    if (response.status !== 202) {
      throw new Error(`Cannot go on: an email was answered ${response.status}`);
    }
    latenciesMs.push(performance.now() - dueAtMs);
  }, new AbortController().signal);
  return {
    seconds: (performance.now() - startedAtMs) / 1000,
    p50Ms: quantile(latenciesMs, 0.5),
    p99Ms: quantile(latenciesMs, 0.99),
    postedAtMs,
  };
}
