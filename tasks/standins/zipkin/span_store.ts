import type { DatabaseSync, SQLOutputValue } from "node:sqlite";
import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import { inTransaction, openStore } from "../sqlite.ts";

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

/** A span without a time has 0. */
const STARTED = `(newest_us <= :untilUs OR EXISTS (SELECT 1 FROM spans
  WHERE spans.trace_id = traces.trace_id AND timestamp_us BETWEEN 1 AND :untilUs))`;

/** For a text search, which is slow, the index by service first narrows the traces. */
const TRACES_OF_NAME = `SELECT trace_id FROM spans
  WHERE name = :spanName AND (:serviceName IS NULL OR service = :serviceName)`;

export interface TraceRange {
  /** Leaves out traces whose newest span started before this; microseconds since the epoch. */
  readonly sinceUs?: number;
  /** Leaves out traces whose spans all started after this; microseconds since the epoch. */
  readonly untilUs?: number;
  readonly serviceName?: string;
  readonly spanName?: string;
  /** Leaves out traces whose spans lack one of these texts in their JSON, such as `"http.method":"GET"`. */
  readonly containing?: readonly string[];
}

/** Every method returns after SQLite has committed. */
export class SpanStore implements Disposable {
  readonly #database: DatabaseSync;
  readonly #maxTraces: number;
  readonly #sql: ReturnType<typeof prepareStatements>;

  constructor(stateDirectory: string | undefined, maxTraces: number = MAX_TRACES) {
    this.#database = openStore("zipkin", stateDirectory, SCHEMA);
    this.#maxTraces = maxTraces;
    this.#sql = prepareStatements(this.#database);
  }

  /** Stores all spans or, when SQLite fails, none; then drops the oldest traces beyond the limit. */
  add(spans: readonly ZipkinSpan[]): void {
    inTransaction(this.#database, () => {
      const arrival = this.#sql.nextArrival.get()?.arrival ?? null;
      for (const span of spans) {
        const timestampUs = span.timestamp ?? 0;
        this.#sql.addTrace.run(span.traceId, timestampUs, arrival);
        this.#sql.addSpan.run(
          span.traceId,
          JSON.stringify(span),
          timestampUs,
          span.localEndpoint?.serviceName ?? null,
          span.name ?? null,
          span.remoteEndpoint?.serviceName ?? null,
        );
      }
      this.#sql.dropOldest.run(this.#maxTraces);
    });
  }

  /** Lists the traces whose spans arrived last. */
  latestTraceIds(limit: number): readonly string[] {
    return this.#sql.latestTraces.all(limit).map(({ trace_id }) => toText(trace_id));
  }

  /** Lists traces lazily, those with the newest span first. */
  *traceIds(
    { sinceUs = 0, untilUs, serviceName, spanName, containing = [] }: TraceRange = {},
  ): Generator<string> {
    const ofName = containing.length > 0
      ? `trace_id IN (${TRACES_OF_NAME})`
      : `EXISTS (${SPAN_OF_TRACE} AND +name = :spanName)`;
    const ofService = serviceName === undefined ? [] : [`EXISTS (${SPAN_OF_TRACE})`];
    const conditions = [
      "newest_us >= :sinceUs",
      ...(untilUs === undefined ? [] : [STARTED]),
      ...(spanName === undefined ? ofService : [ofName]),
      ...containing.map((_, index) => `EXISTS (${SPAN_OF_TRACE} AND instr(json, :text${index}))`),
    ];
    const statement = this.#database.prepare(
      `SELECT trace_id FROM traces WHERE ${conditions.join(" AND ")}
       ORDER BY newest_us DESC, trace_id DESC`,
    );
    statement.setAllowUnknownNamedParameters(true);
    const rows = statement.iterate({
      sinceUs,
      untilUs: untilUs ?? null,
      serviceName: serviceName ?? null,
      spanName: spanName ?? null,
      ...Object.fromEntries(containing.map((text, index) => [`text${index}`, text])),
    });
    for (const { trace_id } of rows) yield toText(trace_id);
  }

  trace(traceId: string): readonly ZipkinSpan[] {
    return this.#sql.spansOfTrace.all(traceId).map(({ json }): ZipkinSpan =>
      JSON.parse(toText(json))
    );
  }

  /** In alphabetical order, like the following lists. */
  serviceNames(): readonly string[] {
    return this.#sql.services.all().map(({ service }) => toText(service));
  }

  spanNames(serviceName: string): readonly string[] {
    return this.#sql.names.all(serviceName).map(({ name }) => toText(name));
  }

  remoteServiceNames(serviceName: string): readonly string[] {
    return this.#sql.remoteServices.all(serviceName).map(({ remote_service }) =>
      toText(remote_service)
    );
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }
}

function prepareStatements(database: DatabaseSync) {
  return {
    nextArrival: database.prepare("SELECT coalesce(max(arrival), 0) + 1 AS arrival FROM traces"),
    addTrace: database.prepare(`
      INSERT INTO traces (trace_id, newest_us, arrival) VALUES (?, ?, ?)
      ON CONFLICT (trace_id) DO UPDATE SET
        newest_us = max(newest_us, excluded.newest_us), arrival = excluded.arrival`),
    addSpan: database.prepare(`
      INSERT OR IGNORE INTO spans (trace_id, json, timestamp_us, service, name, remote_service)
      VALUES (?, ?, ?, ?, ?, ?)`),
    dropOldest: database.prepare(`
      DELETE FROM traces WHERE trace_id IN (
        SELECT trace_id FROM traces ORDER BY arrival DESC LIMIT -1 OFFSET ?)`),
    latestTraces: database.prepare(
      "SELECT trace_id FROM traces ORDER BY arrival DESC, newest_us DESC LIMIT ?",
    ),
    spansOfTrace: database.prepare(
      "SELECT json FROM spans WHERE trace_id = ? ORDER BY timestamp_us",
    ),
    services: database.prepare(
      "SELECT DISTINCT service FROM spans WHERE service IS NOT NULL ORDER BY service",
    ),
    names: database.prepare(
      "SELECT DISTINCT name FROM spans WHERE service = ? AND name IS NOT NULL ORDER BY name",
    ),
    remoteServices: database.prepare(`
      SELECT DISTINCT remote_service FROM spans
      WHERE service = ? AND remote_service IS NOT NULL ORDER BY remote_service`),
  };
}

function toText(value: SQLOutputValue | undefined): string {
  if (typeof value === "string") return value;
  throw new TypeError(`Cannot read the span store: expected text, found ${typeof value}`);
}
