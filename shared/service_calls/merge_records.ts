import type { ZipkinEndpoint, ZipkinSpan } from "../tracing/zipkin_span.ts";

/**
 * Cleans the records of one trace before its tree is built, as Zipkin's `Trace.merge` does: records of one span that the
 * same service sent in pieces become one; a server's record that shares its client's id is marked `shared`.
 */
export function mergeRecords(records: readonly ZipkinSpan[]): readonly ZipkinSpan[] {
  const whole: ZipkinSpan[] = [];
  const sorted = records.map((record) => ({ record, key: sortKey(record) }))
    .sort((left, right) => left.key < right.key ? -1 : left.key > right.key ? 1 : 0);
  for (const { record } of sorted) {
    const last = whole.at(-1);
    const isPiece = last !== undefined && last.id === record.id &&
      Boolean(last.shared) === Boolean(record.shared) &&
      !contradict(last.localEndpoint, record.localEndpoint);
    if (isPiece) whole[whole.length - 1] = mergePieces(last, record);
    else whole.push(record);
  }
  const marked: ZipkinSpan[] = [];
  for (const record of whole) marked.push(markShared(record, marked.at(-1)));
  return marked;
}

/** Some libraries fail to mark the server's half, or to give it the parent's id. */
function markShared(record: ZipkinSpan, last: ZipkinSpan | undefined): ZipkinSpan {
  if (last === undefined || last.id !== record.id) return record;
  const shared = record.shared === true || (last.kind === "CLIENT" && record.kind === "SERVER");
  return shared ? { ...record, shared, parentId: record.parentId ?? last.parentId } : record;
}

function mergePieces(first: ZipkinSpan, second: ZipkinSpan): ZipkinSpan {
  return {
    ...second,
    ...first,
    localEndpoint: { ...second.localEndpoint, ...first.localEndpoint },
    remoteEndpoint: { ...second.remoteEndpoint, ...first.remoteEndpoint },
    tags: { ...first.tags, ...second.tags },
  };
}

/** Another service has another endpoint. */
function contradict(left: ZipkinEndpoint = {}, right: ZipkinEndpoint = {}): boolean {
  return (["serviceName", "ipv4", "ipv6", "port"] as const).some((member) =>
    left[member] !== undefined && right[member] !== undefined && left[member] !== right[member]
  );
}

/** Orders by id; then the client's first and shared ones last; then by endpoint: none first, a missing text last. */
function sortKey({ id, kind, shared, localEndpoint }: ZipkinSpan): string {
  const side = shared ? 2 : kind === "CLIENT" ? 0 : 1;
  if (localEndpoint === undefined) return `${id} ${side}`;
  const { serviceName, ipv4, ipv6 } = localEndpoint;
  return [`${id} ${side}`, ...[serviceName, ipv4, ipv6].map((text = "\uFFFF") => text)].join("\0");
}
