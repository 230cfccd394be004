import { callsIn } from "@playground/shared/service-calls";
import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import type { SpanStore } from "./span_store.ts";
import { matches, type TraceQuery } from "./trace_query.ts";

/** All stand-ins share one process: after this many traces, other work runs. */
const TRACES_PER_TURN = 100;

export async function findTraces(
  store: SpanStore,
  query: TraceQuery,
): Promise<readonly (readonly ZipkinSpan[])[]> {
  const found: (readonly ZipkinSpan[])[] = [];
  for await (const spans of inTurns(store.traceIds(query), (id) => store.trace(id))) {
    if (matches(query, spans)) found.push(spans);
    if (found.length === query.limit) break;
  }
  return found;
}

interface DependencyLink {
  readonly parent: string;
  readonly child: string;
  callCount: number;
  errorCount?: number;
}

export async function countDependencies(
  store: SpanStore,
  range: Pick<TraceQuery, "endMs" | "lookbackMs">,
): Promise<readonly DependencyLink[]> {
  const isInRange = ({ timestamp = 0 }: ZipkinSpan) => {
    const startMs = Math.floor(timestamp / 1_000);
    return startMs >= range.endMs - range.lookbackMs && startMs <= range.endMs;
  };
  // A 64-bit client may have truncated another's 128-bit id: as in Zipkin, both count as one trace.
  const ids = Map.groupBy(store.traceIds(range), (id) => id.slice(-16));
  const read = (sameTrace: readonly string[]) => sameTrace.flatMap((id) => store.trace(id));
  const links = new Map<string, DependencyLink>();
  for await (const spans of inTurns(ids.values(), read)) {
    if (!spans.some(isInRange)) continue;
    for (const { parent, child, isError } of callsIn(spans)) {
      const key = JSON.stringify([parent, child]);
      const link = links.getOrInsertComputed(key, () => ({ parent, child, callCount: 0 }));
      link.callCount++;
      if (isError) link.errorCount = (link.errorCount ?? 0) + 1;
    }
  }
  return [...links.values()];
}

async function* inTurns<Item, Result>(
  items: Iterable<Item>,
  read: (item: Item) => Result,
): AsyncGenerator<Result> {
  let count = 0;
  for (const item of items) {
    if (++count % TRACES_PER_TURN === 0) await new Promise((resolve) => setTimeout(resolve));
    yield read(item);
  }
}
