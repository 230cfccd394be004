/**
 * A collector for tests, which searches as Zipkin does: by the start of a trace's root, the service, a span's name and tags; the
 * traces with the latest span within the window first.
 *
 * @module
 */
import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import { createEmailReader, type EmailReader, ZipkinApi } from "../trace_view/mod.ts";

export class FakeCollector {
  readonly #traces = new Map<string, ZipkinSpan[]>();
  readonly asked: URL[] = [];
  /** What it answers instead. */
  failure: Response | undefined;
  /** Its time: by default, nothing later is searched. @default the end of all times */
  nowMs = Infinity;
  /** How many answers it gives before one fails. @default all */
  failAfter = Infinity;

  readonly api = new ZipkinApi(new URL("http://collector.example"), (input) => {
    const url = new URL(String(input));
    this.asked.push(url);
    if (this.failAfter-- === 0) return Promise.resolve(new Response("", { status: 503 }));
    return Promise.resolve(this.failure?.clone() ?? this.#answer(url.pathname, url.searchParams));
  });

  constructor(spans: readonly ZipkinSpan[] = []) {
    this.add(spans);
  }

  /** A reader of it. @param nowMs The time. @default that of the machine */
  reader(nowMs?: number): EmailReader {
    return createEmailReader(this.api, () => undefined, undefined, () => nowMs ?? Date.now());
  }

  add(spans: readonly ZipkinSpan[]): void {
    for (const span of spans) {
      this.#traces.set(span.traceId, [...this.#traces.get(span.traceId) ?? [], span]);
    }
  }

  /** Forgets some traces. @default all */
  forget(...traceIds: readonly string[]): void {
    for (const id of traceIds.length === 0 ? this.#traces.keys() : traceIds) {
      this.#traces.delete(id);
    }
  }

  #answer(path: string, query: URLSearchParams): Response {
    const known = (ids: readonly string[]) => ids.flatMap((id) => [this.#traces.get(id) ?? []]);
    if (path.startsWith("/api/v2/trace/")) {
      const spans = this.#traces.get(path.slice("/api/v2/trace/".length));
      return spans === undefined ? new Response("", { status: 404 }) : Response.json(spans);
    }
    if (path === "/api/v2/traceMany") {
      const traces = known(query.get("traceIds")?.split(",") ?? []);
      return Response.json(traces.filter(({ length }) => length > 0));
    }
    const [endMs = 0, lookbackMs = 0, limit = 0] = ["endTs", "lookback", "limit"]
      .map((name) => Number(query.get(name) ?? (name === "endTs" ? this.nowMs : Infinity)));
    const found = [...this.#traces.values()].filter((spans) => {
      const startMs = startUs(spans) / 1_000;
      const isWithin = startMs <= endMs && (endMs === Infinity || startMs >= endMs - lookbackMs);
      return isWithin && isMeant(spans, query);
    });
    const latestMs = (spans: readonly ZipkinSpan[]) =>
      Math.max(
        ...spans.map(({ timestamp = 0 }) => Math.floor(timestamp / 1_000)).filter((ms) =>
          ms <= endMs
        ),
      );
    return Response.json(found.sort((a, b) => latestMs(b) - latestMs(a)).slice(0, limit));
  }
}

/** Each condition is met by a span of the service. */
function isMeant(spans: readonly ZipkinSpan[], query: URLSearchParams): boolean {
  const [service, wanted, tags] = ["serviceName", "spanName", "annotationQuery"]
    .map((name) => query.get(name) ?? undefined);
  const own = spans.filter(({ localEndpoint }) =>
    service === undefined || localEndpoint?.serviceName === service
  );
  return own.some(({ name }) => wanted === undefined || name === wanted) &&
    (tags?.split(" and ") ?? []).every((text) => {
      const [tag = "", value] = text.split("=");
      return own.some((span) => span.tags?.[tag] === value);
    });
}

function startUs(spans: readonly ZipkinSpan[]): number {
  const root = spans.find(({ parentId }) => parentId === undefined);
  return root?.timestamp ?? Math.min(...spans.map(({ timestamp = Infinity }) => timestamp));
}
