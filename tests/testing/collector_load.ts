import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";

/** How many spans are posted at once. */
const BATCH_SIZE = 2_000;
/** How many emails one poll handles. */
const EMAILS_PER_POLL = 30;

/**
 * Fills a collector with the traces of emails that were archived, and those of the polls that handled them.
 */
export async function fillCollector(
  zipkinUrl: string,
  emailCount: number,
  endMs: number,
): Promise<readonly string[]> {
  const traceIds: string[] = [];
  let batch: ZipkinSpan[] = [];
  for (let index = 0; index < emailCount; index++) {
    const startUs = (endMs - index) * 1_000;
    const traceId = randomId(16);
    const pollTraceId = pollId(endMs, index);
    traceIds.push(traceId);
    batch.push(...emailSpans(traceId, pollTraceId, startUs));
    if (index % EMAILS_PER_POLL === 0) batch.push(pollSpan(pollTraceId, "poll-email", startUs));
    batch.push(...handlingSpans(traceId, pollTraceId, startUs));
    if (batch.length >= BATCH_SIZE || index === emailCount - 1) {
      await post(zipkinUrl, batch);
      batch = [];
    }
  }
  return traceIds;
}

async function post(zipkinUrl: string, spans: readonly ZipkinSpan[]): Promise<void> {
  const response = await fetch(new URL("/api/v2/spans", zipkinUrl), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(spans),
  });
  await response.body?.cancel();
  if (response.status !== 202) throw new Error(`The collector answered ${response.status}`);
}

/** What tags of the usual number weigh. */
const TAGS: Readonly<Record<string, string>> = Object.fromEntries(
  Array.from({ length: 12 }, (_, index) => [`messaging.tag.${index}`, `value ${index}`.repeat(2)]),
);

function emailSpans(
  traceId: string,
  pollTraceId: string,
  startUs: number,
): readonly ZipkinSpan[] {
  const ids = { schedule: randomId(8), publish: randomId(8), emailer: randomId(8) };
  const span = (id: string, name: string, offsetUs: number, rest: Partial<ZipkinSpan>) => ({
    traceId,
    id,
    name,
    timestamp: startUs + offsetUs,
    duration: 900,
    ...rest,
    tags: { ...TAGS, ...rest.tags },
  });
  const server = { serviceName: "message-server" };
  const emailer = { serviceName: "emailer" };
  return [
    span(ids.schedule, "schedule-email", 0, { kind: "SERVER", localEndpoint: server }),
    span(ids.publish, "amqp-publish", 100, {
      parentId: ids.schedule,
      kind: "PRODUCER",
      localEndpoint: server,
    }),
    span(ids.publish, "amqp-publish", 100, {
      parentId: ids.schedule,
      kind: "CONSUMER",
      duration: 2_000,
      localEndpoint: { serviceName: "rabbitmq" },
    }),
    span(ids.emailer, "emailer", 2_100, {
      parentId: ids.publish,
      kind: "SERVER",
      localEndpoint: emailer,
      tags: { outcome: "delivered", attempt: "1" },
    }),
    span(randomId(8), "send-email", 2_200, {
      parentId: ids.emailer,
      kind: "CLIENT",
      duration: 500,
      localEndpoint: emailer,
    }),
    span(randomId(8), "archive-email", 2_800, {
      parentId: ids.emailer,
      localEndpoint: { serviceName: "mail-poller" },
      tags: { "poll.trace_id": pollTraceId },
    }),
  ];
}

function handlingSpans(
  traceId: string,
  pollTraceId: string,
  startUs: number,
): readonly ZipkinSpan[] {
  return ["fetch-message", "store-message", "delete-message"].map((name) =>
    pollSpan(pollTraceId, name, startUs, { "origin.trace_id": traceId })
  );
}

function pollSpan(
  traceId: string,
  name: string,
  startUs: number,
  tags: Readonly<Record<string, string>> = {},
): ZipkinSpan {
  return {
    traceId,
    id: randomId(8),
    name,
    timestamp: startUs + 3_000,
    duration: 500,
    localEndpoint: { serviceName: "mail-poller" },
    tags: { ...TAGS, ...tags },
  };
}

/** The same for all emails of a poll. */
function pollId(endMs: number, index: number): string {
  return `${endMs}${Math.floor(index / EMAILS_PER_POLL)}`.padStart(32, "f");
}

function randomId(bytes: number): string {
  return crypto.getRandomValues(new Uint8Array(bytes)).toHex();
}
