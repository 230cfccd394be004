import type { DatabaseSync, SQLOutputValue, StatementSync } from "node:sqlite";
import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import { openStore } from "../sqlite.ts";

/** How many traces are kept; those beyond them that have had no new span for longest are dropped. */
export const MAX_TRACES = 20_000;

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

/** Which traces to look at. */
export interface TraceRange {
  /** Leaves out traces whose newest span started before this; microseconds since the epoch. */
  readonly sinceUs?: number;
  /** Leaves out traces without a span of this service; the other conditions then hold for that service's spans. */
  readonly serviceName?: string;
  /** Leaves out traces without a span of this name. */
  readonly spanName?: string;
  /** Leaves out traces in whose spans one of these texts is missing; looked for in the JSON, such as `"http.method":"GET"`. */
  readonly containing?: readonly string[];
  /** Leaves out this trace and all that come before it in the list. */
  readonly after?: TracePosition;
  /**
   * How many traces to return.
   *
   * @default all
   */
  readonly limit?: number;
}

/** A place in the list of traces. */
export interface TracePosition {
  /** The trace. */
  readonly traceId: string;
  /** When its newest span started; microseconds since the epoch. */
  readonly newestUs: number;
}

/** The spans on disk. Every method returns when SQLite has committed. */
export class SpanStore implements Disposable {
  readonly #database: DatabaseSync;
  readonly #maxTraces: number;
  readonly #nextArrival: StatementSync;
  readonly #addTrace: StatementSync;
  readonly #addSpan: StatementSync;
  readonly #dropOldest: StatementSync;
  readonly #spansOfTrace: StatementSync;

  /** Opens the store. */
  constructor(stateDirectory: string | undefined, maxTraces: number = MAX_TRACES) {
    this.#database = openStore("zipkin", stateDirectory, SCHEMA);
    const hasArrival = "SELECT 1 FROM pragma_table_info('traces') WHERE name = 'arrival'";
    if (this.#database.prepare(hasArrival).get() === undefined) this.#database.exec(ARRIVAL);
    this.#database.exec("CREATE INDEX IF NOT EXISTS traces_by_arrival ON traces (arrival)");
    this.#nextArrival = this.#database.prepare(
      "SELECT coalesce(max(arrival), 0) + 1 AS arrival FROM traces",
    );
    this.#maxTraces = maxTraces;
    this.#addTrace = this.#database.prepare(`
      INSERT INTO traces (trace_id, newest_us, arrival) VALUES (?, ?, ?)
      ON CONFLICT (trace_id) DO UPDATE SET
        newest_us = max(newest_us, excluded.newest_us), arrival = excluded.arrival`);
    this.#addSpan = this.#database.prepare(`
      INSERT OR IGNORE INTO spans (trace_id, json, timestamp_us, service, name, remote_service)
      VALUES (?, ?, ?, ?, ?, ?)`);
    this.#dropOldest = this.#database.prepare(`
      DELETE FROM traces WHERE trace_id IN (
        SELECT trace_id FROM traces ORDER BY arrival DESC LIMIT -1 OFFSET ?)`);
    this.#spansOfTrace = this.#database.prepare(
      "SELECT json FROM spans WHERE trace_id = ? ORDER BY timestamp_us",
    );
  }

  /** Stores spans, all of them or, when SQLite fails, none; then drops what there is no room for. */
  add(spans: readonly ZipkinSpan[]): void {
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      const arrival = this.#nextArrival.get()?.arrival ?? null;
      for (const span of spans) {
        const timestampUs = span.timestamp ?? 0;
        this.#addTrace.run(span.traceId, timestampUs, arrival);
        this.#addSpan.run(
          span.traceId,
          JSON.stringify(span),
          timestampUs,
          span.localEndpoint?.serviceName ?? null,
          span.name ?? null,
          span.remoteEndpoint?.serviceName ?? null,
        );
      }
      this.#dropOldest.run(this.#maxTraces);
      this.#database.exec("COMMIT");
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      throw error;
    }
  }

  /** Lists the traces whose spans arrived last. */
  latestTraceIds(limit: number): readonly string[] {
    return this.#texts(
      "SELECT trace_id AS text FROM traces ORDER BY arrival DESC, newest_us DESC LIMIT :limit",
      { limit },
    );
  }

  /** Lists traces, those with the newest span first. */
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

  /** Reads one trace. */
  trace(traceId: string): readonly ZipkinSpan[] {
    return this.#spansOfTrace.all(traceId).map(({ json }): ZipkinSpan => JSON.parse(toText(json)));
  }

  /** Lists the services that recorded a span, in alphabetical order. */
  serviceNames(): readonly string[] {
    return this.#texts(
      "SELECT DISTINCT service AS text FROM spans WHERE service IS NOT NULL ORDER BY service",
    );
  }

  /** Lists the names of a service's spans, in alphabetical order. */
  spanNames(serviceName: string): readonly string[] {
    return this.#texts(
      `SELECT DISTINCT name AS text FROM spans
       WHERE service = :serviceName AND name IS NOT NULL ORDER BY name`,
      { serviceName },
    );
  }

  /** Lists the services that a service called or was called by, in alphabetical order. */
  remoteServiceNames(serviceName: string): readonly string[] {
    return this.#texts(
      `SELECT DISTINCT remote_service AS text FROM spans
       WHERE service = :serviceName AND remote_service IS NOT NULL ORDER BY remote_service`,
      { serviceName },
    );
  }

  /** Closes the file. */
  [Symbol.dispose](): void {
    this.#database.close();
  }

  #texts(sql: string, parameters: Record<string, string | number | null> = {}): readonly string[] {
    return this.#database.prepare(sql).all(parameters).map(({ text }) => toText(text));
  }
}

function toText(value: SQLOutputValue | undefined): string {
  if (typeof value === "string") return value;
  throw new TypeError(`Cannot read the span store: expected text, found ${typeof value}`);
}
