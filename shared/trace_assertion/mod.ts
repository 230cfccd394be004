/**
 * Compares a trace with a description: {@linkcode assertTrace} throws what differs, {@linkcode compareTrace} returns it. Both need
 * nothing but spans in Zipkin's JSON, as `GET /api/v2/trace/{id}` answers them: import this folder by its path, or copy it.
 *
 * ```ts
 * import { assertTrace } from "@playground/shared/trace-assertion";
 *
 * const [traceId, localEndpoint] = ["5af7183fb1d4cf5f", { serviceName: "shop" }];
 * const spans = [
 *   { traceId, id: "1", name: "order", kind: "SERVER", timestamp: 1_000, duration: 9_000, localEndpoint },
 *   { traceId, id: "2", parentId: "1", name: "charge", timestamp: 2_000, duration: 7_000, tags: { error: "402" } },
 * ];
 * assertTrace(spans, ["order", { name: "charge", parent: "order", error: /^4/, maxDurationMs: 10 }]);
 * assertTrace(spans, {
 *   spans: [{ name: "order", kind: "SERVER", children: [{ name: "charge", isFailed: true }] }],
 *   isWhole: true,
 * });
 * ```
 *
 * If the charge had not failed, the second would throw:
 *
 * ```text
 * The trace is not as described (- missing, + unexpected, ≠ different):
 *
 *   expected             there
 *   order                order  shop  SERVER  9 ms
 * ≠ └─ charge (failed)   └─ charge  7 ms
 *                              error is absent, not present
 * ```
 *
 * Where two services report halves of one span, under one id, each half is a span here; what is below one is below both.
 *
 * @module
 */
import { AssertionError } from "node:assert";
import { compareTrace } from "./compare.ts";
import type { ExpectedSpans, ExpectedTrace, TraceSpan } from "./description.ts";
import { drawDifferences } from "./draw.ts";

export { compareTrace, type DescribedTrace, type Difference } from "./compare.ts";
export type * from "./description.ts";

/**
 * Compares a trace, or several ones, with a description; a list is the expected spans alone.
 *
 * @throws {AssertionError} If they differ; its message draws the difference.
 */
export function assertTrace(
  spans: readonly TraceSpan[],
  description: ExpectedTrace | ExpectedSpans,
): void {
  const comparison = compareTrace(spans, description);
  if (comparison.differences.length === 0) return;
  const message = `The trace is not as described (- missing, + unexpected, ≠ different):\n\n` +
    `${drawDifferences(spans, comparison)}\n`;
  throw new AssertionError({ message });
}
