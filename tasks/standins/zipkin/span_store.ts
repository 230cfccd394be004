import type { DatabaseSync, SQLOutputValue } from "node:sqlite";
import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import { inTransaction, openStore } from "../sqlite.ts";

/** Those beyond that have had no new span for longest are dropped. */
const MAX_TRACES = 20_000;

/**
 * The text of a record is part of its key: the two halves of a span differ in it and are both kept, while a record that
 * is posted again (a client that retries a batch) is there once.
 */
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS traces (
    trace_id TEXT PRIMARY KEY,
    newest_us INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS traces_by_age ON traces (newest_us);
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

/**
 * Counts the batches; a trace has the number of the last one that had a span of it. A span's own time is what its sender says.
 * Not in the schema, since a state folder may be older than it.
 */
const ARRIVAL = "ALTER TABLE traces ADD COLUMN arrival INTEGER NOT NULL DEFAULT 0";

/** The plus keeps SQLite from the index by service, in which each look-up would scan all traces of the service. */
const SPAN_OF_TRACE = `SELECT 1 FROM spans WHERE spans.trace_id = traces.trace_id
  AND (:serviceName IS NULL OR +service = :serviceName)`;

/** Where texts are looked for, which takes long, the index by service first says which traces are worth it. */
const TRACES_OF_NAME = `SELECT trace_id FROM spans
  WHERE name = :spanName AND (:serviceName IS NULL OR service = :serviceName)`;

export interface TraceRange {
  /** Leaves out traces whose newest span started before this; microseconds since the epoch. */
  readonly sinceUs?: number;
  readonly serviceName?: string;
  readonly spanName?: string;
  /** Leaves out traces in whose spans one of these texts is missing; looked for in the JSON, such as `"http.method":"GET"`. */
  readonly containing?: readonly string[];
  /** Where the list goes on. */
  readonly after?: TracePosition;
  readonly limit?: number;
}

export interface TracePosition {
  readonly traceId: string;
  /** When its newest span started; microseconds since the epoch. */
  readonly newestUs: number;
}

/** Every method returns when SQLite has committed. */
export class SpanStore implements Disposable {
  readonly #database: DatabaseSync;
  readonly #maxTraces: number;
  readonly #sql: ReturnType<typeof prepareStatements>;

  constructor(stateDirectory: string | undefined, maxTraces: number = MAX_TRACES) {
    this.#database = openStore("zipkin", stateDirectory, SCHEMA);
    const hasArrival = "SELECT 1 FROM pragma_table_info('traces') WHERE name = 'arrival'";
    if (this.#database.prepare(hasArrival).get() === undefined) this.#database.exec(ARRIVAL);
    this.#database.exec("CREATE INDEX IF NOT EXISTS traces_by_arrival ON traces (arrival)");
    this.#maxTraces = maxTraces;
    this.#sql = prepareStatements(this.#database);
  }

  /** Stores all spans or, when SQLite fails, none; then drops what there is no room for. */
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

  traceIds(range: TraceRange = {}): readonly string[] {
    return this.positions(range).map(({ traceId }) => traceId);
  }

  /** Lists traces, those with the newest span first, so that the list can be continued later. */
  positions(range: TraceRange = {}): readonly TracePosition[] {
    const { sinceUs = 0, serviceName, spanName, containing = [], after, limit = -1 } = range;
    const ofName = containing.length > 0
      ? `trace_id IN (${TRACES_OF_NAME})`
      : `EXISTS (${SPAN_OF_TRACE} AND +name = :spanName)`;
    const ofService = serviceName === undefined ? [] : [`EXISTS (${SPAN_OF_TRACE})`];
    const conditions = [
      "newest_us >= :sinceUs",
      "(newest_us, trace_id) < (:afterUs, :afterId)",
      ...(spanName === undefined ? ofService : [ofName]),
      ...containing.map((_, index) => `EXISTS (${SPAN_OF_TRACE} AND instr(json, :text${index}))`),
    ];
    const rows = this.#database.prepare(
      `SELECT trace_id, newest_us FROM traces WHERE ${conditions.join(" AND ")}
       ORDER BY newest_us DESC, trace_id DESC LIMIT :limit`,
    ).all({
      sinceUs,
      afterUs: after?.newestUs ?? Infinity,
      afterId: after?.traceId ?? "",
      limit,
      ...(spanName === undefined ? {} : { spanName }),
      ...(serviceName === undefined && spanName === undefined && containing.length === 0
        ? {}
        : { serviceName: serviceName ?? null }),
      ...Object.fromEntries(containing.map((text, index) => [`text${index}`, text])),
    });
    return rows.map(({ trace_id, newest_us }) => ({
      traceId: toText(trace_id),
      newestUs: Number(newest_us),
    }));
  }

  trace(traceId: string): readonly ZipkinSpan[] {
    return this.#sql.spansOfTrace.all(traceId).map(({ json }): ZipkinSpan =>
      JSON.parse(toText(json))
    );
  }

  serviceNames(): readonly string[] {
    return this.#names("service");
  }

  spanNames(serviceName: string): readonly string[] {
    return this.#names("name", serviceName);
  }

  remoteServiceNames(serviceName: string): readonly string[] {
    return this.#names("remote_service", serviceName);
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }

  /** In alphabetical order. */
  #names(column: "service" | "name" | "remote_service", serviceName?: string): readonly string[] {
    const isWanted = serviceName === undefined ? "TRUE" : "service = :serviceName";
    const rows = this.#database.prepare(
      `SELECT DISTINCT ${column} AS name FROM spans
       WHERE ${isWanted} AND ${column} IS NOT NULL ORDER BY ${column}`,
    ).all(serviceName === undefined ? {} : { serviceName });
    return rows.map(({ name }) => toText(name));
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
  };
}

function toText(value: SQLOutputValue | undefined): string {
  if (typeof value === "string") return value;
  throw new TypeError(`Cannot read the span store: expected text, found ${typeof value}`);
}
