import { attribute, type ZipkinSpan } from "@playground/shared/tracing";
import { toTraceId } from "./trace_id.js";
import { pathOf, type ZipkinApi } from "./zipkin_api.ts";

/** The most linked traces that are read for an email. With the default retries, an email has at most five. */
const MAX_LINKED_TRACES = 50;
/** The most traces in one request: Zipkin accepts an address of 4,096 characters. */
const BATCH_SIZE = 50;

/** The trace in which the email of this span is tried again, or was tried before, with `TRACE_RETRIES=link`. */
export function linkedTraceId({ name, tags = {} }: ZipkinSpan): string | undefined {
  const id = name === "amqp-retry"
    ? tags[attribute.retryTraceId]
    : name === "emailer"
    ? tags[attribute.originTraceId]
    : undefined;
  return id === undefined ? undefined : toTraceId(id);
}

/**
 * Reads the traces that these spans are linked to by retries, in both directions, and those that they are linked to.
 *
 * @returns The ids of these traces.
 */
export async function readLinkedTraces(
  api: ZipkinApi,
  spans: readonly ZipkinSpan[],
  take: (span: ZipkinSpan) => void,
  maxCount = MAX_LINKED_TRACES,
): Promise<readonly string[]> {
  const known = new Set(spans.map(({ traceId }) => traceId));
  const linked: string[] = [];
  const note = (span: ZipkinSpan) => {
    const id = linkedTraceId(span);
    if (id === undefined || known.has(id) || linked.length >= maxCount) return;
    known.add(id);
    linked.push(id);
  };
  spans.forEach(note);
  for (let count = 0; count < linked.length;) {
    const asked = linked.slice(count, count + BATCH_SIZE);
    count += asked.length;
    await api.read(pathOf(asked), (span) => {
      note(span);
      take(span);
    });
  }
  return linked;
}
