import type { ZipkinEndpoint, ZipkinSpan } from "@playground/shared/tracing/zipkin-span";

/**
 * Cleans the records of one trace before its tree is built, as Zipkin's `Trace.merge` does: records of one span that the
 * same service sent in pieces become one; a server's record that shares its client's id is marked `shared`.
 */
export function mergeRecords(records: readonly ZipkinSpan[]): readonly ZipkinSpan[] {
  const cleaned: ZipkinSpan[] = [];
  let endpoints = new EndpointTracker();
  for (const record of records.toSorted(compareRecords)) {
    const last = cleaned.at(-1);
    const isSameSpan = last !== undefined && last.id === record.id;
    const isSamePiece = isSameSpan && Boolean(last.shared) === Boolean(record.shared);
    if (isSamePiece && endpoints.tryMerge(record.localEndpoint)) {
      cleaned[cleaned.length - 1] = mergePieces(last, record);
      continue;
    }
    endpoints = new EndpointTracker();
    endpoints.tryMerge(record.localEndpoint);
    cleaned.push(record);
  }
  const marked: ZipkinSpan[] = [];
  for (const record of cleaned) marked.push(markShared(record, marked.at(-1)));
  return marked;
}

/** Some libraries forget to mark the server's half, or to give it the parent's id. */
function markShared(record: ZipkinSpan, last: ZipkinSpan | undefined): ZipkinSpan {
  if (last === undefined || last.id !== record.id) return record;
  const shared = record.shared === true || (last.kind === "CLIENT" && record.kind === "SERVER");
  if (!shared) return record;
  const parentId = record.parentId ?? last.parentId;
  return { ...record, shared, ...(parentId === undefined ? {} : { parentId }) };
}

function mergePieces(first: ZipkinSpan, second: ZipkinSpan): ZipkinSpan {
  const localEndpoint = mergeEndpoints(first.localEndpoint, second.localEndpoint);
  const remoteEndpoint = mergeEndpoints(first.remoteEndpoint, second.remoteEndpoint);
  return {
    ...second,
    ...first,
    ...(localEndpoint === undefined ? {} : { localEndpoint }),
    ...(remoteEndpoint === undefined ? {} : { remoteEndpoint }),
    tags: { ...first.tags, ...second.tags },
  };
}

function mergeEndpoints(
  first: ZipkinEndpoint | undefined,
  second: ZipkinEndpoint | undefined,
): ZipkinEndpoint | undefined {
  return first === undefined || second === undefined ? first ?? second : { ...second, ...first };
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

/** Knows what the pieces of a record said about their endpoint so far; a contradiction means another service. */
class EndpointTracker {
  #known: ZipkinEndpoint = {};

  /** Takes an endpoint in, unless it contradicts what is known. */
  tryMerge(endpoint: ZipkinEndpoint = {}): boolean {
    const known = this.#known;
    const contradicts = (["serviceName", "ipv4", "ipv6", "port"] as const).some((member) =>
      known[member] !== undefined && endpoint[member] !== undefined &&
      known[member] !== endpoint[member]
    );
    if (contradicts) return false;
    this.#known = { ...endpoint, ...known };
    return true;
  }
}
