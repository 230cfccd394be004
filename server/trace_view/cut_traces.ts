import { attribute, type ZipkinSpan } from "@playground/shared/tracing";
import { archivedAtUs, emailStateOf, isDelivered, isFinal } from "./email_state.ts";
import { MAX_POLLS, type Polls, readPolls } from "./poll_reader.ts";
import { POLL_WIDE, type TracedEmail } from "./traced_emails.ts";
import { pathOf, searchPath, type ZipkinApi } from "./zipkin_api.ts";

/** Most emails are archived by then. */
const SETTLED_AFTER_MS = 5_000;

/** Whether an email should have come further by now, so that its trace may be cut in two. */
export function isUnsettled({ spans, startUs }: TracedEmail, nowMs: number): boolean {
  return !isFinal(emailStateOf(spans)) && nowMs - startUs / 1_000 > SETTLED_AFTER_MS;
}

/**
 * Reads the spans of an email that are in other traces because a hop lost or replaced its trace context. It finds them by the
 * email's id, which each attempt and each archived mail has.
 */
export async function readElsewhere(
  api: ZipkinApi,
  { emailId, spans }: TracedEmail,
  polls: Polls,
  add: (span: ZipkinSpan) => void,
): Promise<void> {
  if (emailId === undefined) return;
  const known = new Set(spans.map(({ traceId }) => traceId));
  const found: ZipkinSpan[] = [...spans];
  const take = (span: ZipkinSpan) => {
    found.push(span);
    add(span);
  };
  const search = async (conditions: Readonly<Record<string, string>>) => {
    const path = searchPath(
      { ...conditions, ...polls.times, limit: MAX_POLLS },
      { [attribute.correlationId]: emailId },
    );
    const others: ZipkinSpan[] = [];
    await api.read(path, (span) => {
      if (!known.has(span.traceId)) others.push(span);
    });
    const isOwn = ({ tags }: ZipkinSpan) => tags?.[attribute.correlationId] === emailId;
    return [...Map.groupBy(others, ({ traceId }) => traceId).values()]
      .filter((trace) => trace.some(isOwn)).flat();
  };
  if (!isDelivered(spans)) {
    const attempts = await search({ spanName: "emailer" });
    attempts.forEach(take);
    const traceIds = new Set(attempts.map(({ traceId }) => traceId));
    for (const traceId of traceIds) known.add(traceId);
    const from = [...traceIds].map((traceId) => ({ [attribute.originTraceId]: traceId }));
    await readPolls(api, from, polls, take);
  }
  if (!isDelivered(found) || archivedAtUs(found) !== undefined) return;
  const origins = new Set<string>();
  for (const span of await search({ serviceName: polls.poller, spanName: "store-message" })) {
    const { name = "", tags = {} } = span;
    if (!POLL_WIDE.has(name) && tags[attribute.correlationId] !== emailId) continue;
    take(span);
    const origin = tags[attribute.originTraceId];
    if (origin !== undefined) origins.add(origin);
  }
  if (origins.size === 0) return;
  await api.read(pathOf([...origins]), (span) => {
    if (span.tags?.[attribute.correlationId] === emailId) take(span);
  });
}
