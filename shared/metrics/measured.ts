import type { Attributes, Histogram } from "@opentelemetry/api";

/**
 * Does some work and records how many seconds it took, with the attributes of its result. An exception is recorded with its name as
 * `error.type`, and thrown on.
 */
export async function measured<Result>(
  histogram: Histogram,
  work: () => Promise<Result>,
  attributesOf: (result: Result) => Attributes,
): Promise<Result> {
  const startMs = performance.now();
  const record = (attributes: Attributes) =>
    histogram.record((performance.now() - startMs) / 1_000, attributes);
  try {
    const result = await work();
    record(attributesOf(result));
    return result;
  } catch (error) {
    record({ "error.type": error instanceof Error ? error.name : "_OTHER" });
    throw error;
  }
}
