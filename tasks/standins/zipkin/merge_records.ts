import type { ZipkinEndpoint, ZipkinSpan } from "@playground/shared/tracing/zipkin-span";

/**
 * Cleans the records of one trace before its tree is built, as Zipkin's `Trace.merge` does: records of one span that the
 * same service sent in pieces become one; a server's record that shares its client's id is marked `shared`.
 */
export function mergeRecords(records: readonly ZipkinSpan[]): readonly ZipkinSpan[] {
  const whole: ZipkinSpan[] = [];
  for (const record of records.toSorted(compareRecords)) {
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

/** Some libraries forget to mark the server's half, or to give it the parent's id. */
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

/** By id; then not shared before shared, the client's before others; then by endpoint, without one first. */
function compareRecords(left: ZipkinSpan, right: ZipkinSpan): number {
  return compare(left.id, right.id) ||
    Number(left.shared ?? false) - Number(right.shared ?? false) ||
    (left.shared ? 0 : Number(right.kind === "CLIENT") - Number(left.kind === "CLIENT")) ||
    compareEndpoints(left.localEndpoint, right.localEndpoint);
}

function compareEndpoints(left: ZipkinEndpoint | undefined, right: ZipkinEndpoint | undefined) {
  if (left === undefined || right === undefined) {
    return Number(left !== undefined) - Number(right !== undefined);
  }
  return compare(left.serviceName, right.serviceName) || compare(left.ipv4, right.ipv4) ||
    compare(left.ipv6, right.ipv6);
}

/** By UTF-16 code unit, as Java compares; a missing text comes last. */
function compare(left: string | undefined, right: string | undefined): number {
  if (left === right) return 0;
  if (left === undefined || right === undefined) return left === undefined ? 1 : -1;
  return left < right ? -1 : 1;
}
