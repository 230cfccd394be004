import type { SQLInputValue } from "node:sqlite";
import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import { SqliteStore } from "../sqlite.ts";
import type { TraceQuery } from "./trace_query.ts";

/** Beyond this, the traces without a new span for longest are dropped. */
const MAX_TRACES = 20_000;

/**
 * `arrival` counts the batches; a trace has the number of the last batch with a span of it. A span's own time is only its
 * sender's claim.
 *
 * The text of a record is part of its key: the two halves of a span differ in it and are both kept, while a record that is posted
 * again (a client that retries a batch) is kept once.
 */
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS traces (
    trace_id TEXT PRIMARY KEY,
    newest_us INTEGER NOT NULL,
    arrival INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS traces_by_age ON traces (newest_us);
  CREATE INDEX IF NOT EXISTS traces_by_arrival ON traces (arrival);
  CREATE TABLE IF NOT EXISTS spans (
    trace_id TEXT NOT NULL REFERENCES traces ON DELETE CASCADE,
    json TEXT NOT NULL,
    timestamp_us INTEGER NOT NULL,
    service TEXT,
    name TEXT,
    remote_service TEXT,
    PRIMARY KEY (trace_id, json)
  ) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS spans_by_service ON spans (service, name, remote_service);
`;

/** The plus keeps SQLite from using the index by service, where each look-up would scan all traces of the service. */
const SPAN_OF_TRACE = `SELECT 1 FROM spans WHERE spans.trace_id = traces.trace_id
  AND (:serviceName IS NULL OR +service = :serviceName)`;

/** Whether a span of the trace started by then. */
const STARTED = `(newest_us <= :untilUs OR EXISTS (SELECT 1 FROM spans
  WHERE spans.trace_id = traces.trace_id AND timestamp_us <= :untilUs))`;

/** For a text search, which is slow, the index by service first narrows the traces. */
const TRACES_OF_NAME = `SELECT trace_id FROM spans
  WHERE name = :spanName AND (:serviceName IS NULL OR service = :serviceName)`;

/** The part of a query that SQLite can check. */
type Range =
  & Pick<TraceQuery, "endMs" | "lookbackMs">
  & Partial<Pick<TraceQuery, "serviceName" | "spanName" | "annotations">>;

/** Every method returns after SQLite has committed. */
export class SpanStore extends SqliteStore {
  readonly #maxTraces: number;

  constructor(stateDirectory: string | undefined, maxTraces: number = MAX_TRACES) {
    super("zipkin", stateDirectory, SCHEMA);
    this.#maxTraces = maxTraces;
  }

  /** Stores all spans or, when SQLite fails, none; then drops the oldest traces beyond the limit. */
  add(spans: readonly ZipkinSpan[]): void {
    const addTrace = this.sql(`
      INSERT INTO traces (trace_id, newest_us, arrival) VALUES (?, ?, ?)
      ON CONFLICT (trace_id) DO UPDATE SET
        newest_us = max(newest_us, excluded.newest_us), arrival = excluded.arrival`);
    const addSpan = this.sql(`
      INSERT OR IGNORE INTO spans (trace_id, json, timestamp_us, service, name, remote_service)
      VALUES (?, ?, ?, ?, ?, ?)`);
    const dropOldest = this.sql(`
      DELETE FROM traces WHERE trace_id IN (
        SELECT trace_id FROM traces ORDER BY arrival DESC LIMIT -1 OFFSET ?)`);
    this.inTransaction(() => {
      const next = this.sql("SELECT coalesce(max(arrival), 0) + 1 AS arrival FROM traces");
      const arrival = next.get()?.arrival ?? null;
      for (const span of spans) {
        const { traceId, name = null, timestamp: timestampUs = 0 } = span;
        const service = span.localEndpoint?.serviceName ?? null;
        const remoteService = span.remoteEndpoint?.serviceName ?? null;
        addTrace.run(traceId, timestampUs, arrival);
        addSpan.run(traceId, JSON.stringify(span), timestampUs, service, name, remoteService);
      }
      dropOldest.run(this.#maxTraces);
    });
  }

  latestTraceIds(limit: number): readonly string[] {
    return this.#texts(
      "SELECT trace_id AS text FROM traces ORDER BY arrival DESC, newest_us DESC LIMIT ?",
      limit,
    );
  }

  /** Lists lazily the traces that may match, those with the newest span first. */
  *traceIds(
    { endMs, lookbackMs, serviceName, spanName, annotations = new Map() }: Range,
  ): Generator<string> {
    const texts = [...annotations].map(([key, value]) =>
      value === "" ? JSON.stringify(key) : `${JSON.stringify(key)}:${JSON.stringify(value)}`
    );
    const ofName = texts.length > 0
      ? `trace_id IN (${TRACES_OF_NAME})`
      : `EXISTS (${SPAN_OF_TRACE} AND +name = :spanName)`;
    const ofService = serviceName === undefined ? [] : [`EXISTS (${SPAN_OF_TRACE})`];
    const conditions = [
      "newest_us >= :sinceUs",
      STARTED,
      ...(spanName === undefined ? ofService : [ofName]),
      ...texts.map((_, index) => `EXISTS (${SPAN_OF_TRACE} AND instr(json, :text${index}))`),
    ];
    const statement = this.prepare(
      `SELECT trace_id FROM traces WHERE ${conditions.join(" AND ")}
       ORDER BY newest_us DESC, trace_id DESC`,
    );
    statement.setAllowUnknownNamedParameters(true);
    const rows = statement.iterate({
      sinceUs: (endMs - lookbackMs) * 1_000,
      untilUs: endMs * 1_000 + 999,
      serviceName: serviceName ?? null,
      spanName: spanName ?? null,
      ...Object.fromEntries(texts.map((text, index) => [`text${index}`, text])),
    });
    for (const { trace_id } of rows) yield String(trace_id);
  }

  trace(traceId: string): readonly ZipkinSpan[] {
    const sql = "SELECT json AS text FROM spans WHERE trace_id = ? ORDER BY timestamp_us";
    return this.#texts(sql, traceId).map((json): ZipkinSpan => JSON.parse(json));
  }

  /** In alphabetical order, like the following lists. */
  serviceNames(): readonly string[] {
    return this.#texts(
      "SELECT DISTINCT service AS text FROM spans WHERE text IS NOT NULL ORDER BY text",
    );
  }

  spanNames(serviceName: string): readonly string[] {
    return this.#namesOf("name", serviceName);
  }

  remoteServiceNames(serviceName: string): readonly string[] {
    return this.#namesOf("remote_service", serviceName);
  }

  #namesOf(column: "name" | "remote_service", serviceName: string): readonly string[] {
    const sql = `SELECT DISTINCT ${column} AS text FROM spans
      WHERE service = ? AND text IS NOT NULL ORDER BY text`;
    return this.#texts(sql, serviceName);
  }

  #texts(sql: string, ...parameters: SQLInputValue[]): readonly string[] {
    return this.sql(sql).all(...parameters).map(({ text }) => String(text));
  }
}
