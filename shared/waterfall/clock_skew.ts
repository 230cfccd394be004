import {
  movedBy,
  parentKey,
  spanKey,
  type ZipkinEndpoint,
  type ZipkinSpan,
} from "../tracing/zipkin_span.ts";

/** A record whose time was moved by this many microseconds; positive is later. */
export type AlignedSpan = ZipkinSpan & { readonly movedUs?: number };

interface SkewedClock {
  readonly endpoint: ZipkinEndpoint;
  readonly movedUs: number;
}

/**
 * Moves the records of a server whose clock differs from its client's: in a span that both share, the server's half must lie
 * within the client's. As on Zipkin's own page, half of the client's extra time counts as the way there. The server's work within
 * that span moves with it. The records may be in any order.
 */
export function alignClocks(spans: readonly ZipkinSpan[]): readonly AlignedSpan[] {
  const recordsOf = Map.groupBy(spans, spanKey);
  if (![...recordsOf.values()].some((records) => skewOf(records) !== undefined)) return spans;
  const childrenOf = Map.groupBy(
    [...recordsOf.keys()],
    (key) => recordsOf.get(key)?.map(parentKey).find((parent) => parent !== undefined),
  );
  const aligned: AlignedSpan[] = [];
  const placed = new Set<string>();
  for (const [key, records] of recordsOf) {
    const parents = records.map(parentKey);
    if (parents.every((parent) => parent === undefined || !recordsOf.has(parent))) align(key);
  }
  // Cycles of parents, unreachable from a root.
  for (const key of recordsOf.keys()) align(key);
  return aligned;

  /** With an explicit stack: a chain of spans may be deeper than the engine's stack. */
  function align(rootKey: string): void {
    const stack: { key: string; clocks: readonly SkewedClock[] }[] = [{ key: rootKey, clocks: [] }];
    for (let visit = stack.pop(); visit !== undefined; visit = stack.pop()) {
      const { key, clocks } = visit;
      if (placed.has(key)) continue;
      placed.add(key);
      const moved = (recordsOf.get(key) ?? []).map((record) => moveWith(record, clocks));
      const clock = skewOf(moved);
      const records = clock === undefined
        ? moved
        : moved.map((record) => record.kind === "SERVER" ? moveWith(record, [clock]) : record);
      aligned.push(...records);
      const passedOn = clock === undefined ? clocks : [clock, ...clocks];
      for (const child of childrenOf.get(key) ?? []) stack.push({ key: child, clocks: passedOn });
    }
  }
}

function moveWith(record: AlignedSpan, clocks: readonly SkewedClock[]): AlignedSpan {
  const clock = clocks.find(({ endpoint }) => isSameClock(record.localEndpoint, endpoint));
  return clock === undefined ? record : moveBy(record, clock.movedUs);
}

export function moveBy(record: AlignedSpan, movedUs: number): AlignedSpan {
  if (record.timestamp === undefined) return record;
  return { ...movedBy(record, movedUs), movedUs: (record.movedUs ?? 0) + movedUs };
}

/** The server's clock, where its times are impossible by the client's. */
function skewOf(records: readonly ZipkinSpan[]): SkewedClock | undefined {
  const client = records.find(({ kind }) => kind === "CLIENT");
  const server = records.find(({ kind }) => kind === "SERVER");
  const endpoint = server?.localEndpoint;
  if (client?.timestamp === undefined || server?.timestamp === undefined) return undefined;
  if (endpoint === undefined || isSameClock(client.localEndpoint, endpoint)) return undefined;
  const spareUs = (client.duration ?? 0) - (server.duration ?? 0);
  const offsetUs = server.timestamp - client.timestamp;
  // A server may continue after its answer, but not begin before the request.
  const isPossible = offsetUs >= 0 && (offsetUs <= spareUs || spareUs < 0);
  if (isPossible) return undefined;
  return { endpoint, movedUs: Math.max(0, Math.floor(spareUs / 2)) - offsetUs };
}

/** Services on one machine share a clock. */
function isSameClock(left: ZipkinEndpoint | undefined, right: ZipkinEndpoint): boolean {
  const leftAddress = left?.ipv4 ?? left?.ipv6;
  const rightAddress = right.ipv4 ?? right.ipv6;
  return leftAddress !== undefined && rightAddress !== undefined
    ? leftAddress === rightAddress
    : left?.serviceName === right.serviceName;
}
