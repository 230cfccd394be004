import type { DatabaseSync, SQLOutputValue, StatementSync } from "node:sqlite";
import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import { openStore } from "../sqlite.ts";

/** How many traces are kept; the oldest beyond them are dropped. */
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

/** Which traces to look at. */
export interface TraceRange {
  /** Leaves out traces whose newest span started before this; microseconds since the epoch. */
  readonly sinceUs?: number;
  /** Leaves out traces without a span of this service. */
  readonly serviceName?: string;
  /**
   * How many traces to return.
   *
   * @default all
   */
  readonly limit?: number;
}

/** The spans on disk. Every method returns when SQLite has committed. */
export class SpanStore implements Disposable {
  readonly #database: DatabaseSync;
  readonly #maxTraces: number;
  readonly #addTrace: StatementSync;
  readonly #addSpan: StatementSync;
  readonly #dropOldest: StatementSync;
  readonly #spansOfTrace: StatementSync;

  /**
   * Opens the store.
   *
   * @param stateDirectory The folder of the file; without it the store is in memory.
   * @param maxTraces How many traces are kept.
   */
  constructor(stateDirectory: string | undefined, maxTraces: number = MAX_TRACES) {
    this.#database = openStore("zipkin", stateDirectory, SCHEMA);
    this.#maxTraces = maxTraces;
    this.#addTrace = this.#database.prepare(`
      INSERT INTO traces (trace_id, newest_us) VALUES (?, ?)
      ON CONFLICT (trace_id) DO UPDATE SET newest_us = max(newest_us, excluded.newest_us)`);
    this.#addSpan = this.#database.prepare(`
      INSERT OR IGNORE INTO spans (trace_id, json, timestamp_us, service, name, remote_service)
      VALUES (?, ?, ?, ?, ?, ?)`);
    this.#dropOldest = this.#database.prepare(`
      DELETE FROM traces WHERE trace_id IN (
        SELECT trace_id FROM traces ORDER BY newest_us DESC LIMIT -1 OFFSET ?)`);
    this.#spansOfTrace = this.#database.prepare(
      "SELECT json FROM spans WHERE trace_id = ? ORDER BY timestamp_us",
    );
  }

  /**
   * Stores spans, all of them or, when SQLite fails, none; then drops what is too old.
   *
   * @param spans Spans as {@linkcode decodeSpans} returns them: equal ones have equal text.
   */
  add(spans: readonly ZipkinSpan[]): void {
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      for (const span of spans) {
        const timestampUs = span.timestamp ?? 0;
        this.#addTrace.run(span.traceId, timestampUs);
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

  /**
   * Lists traces, those with the newest span first.
   *
   * @param range Which traces.
   * @returns Their ids.
   */
  traceIds({ sinceUs = 0, serviceName, limit = -1 }: TraceRange = {}): readonly string[] {
    // The plus keeps SQLite from the index by service, in which each look-up would scan all traces of the service.
    return this.#texts(
      `SELECT trace_id AS text FROM traces
       WHERE newest_us >= :sinceUs AND (:serviceName IS NULL OR EXISTS (
         SELECT 1 FROM spans WHERE spans.trace_id = traces.trace_id AND +service = :serviceName))
       ORDER BY newest_us DESC LIMIT :limit`,
      { sinceUs, serviceName: serviceName ?? null, limit },
    );
  }

  /**
   * Reads one trace.
   *
   * @param traceId The id as Zipkin writes it, see {@linkcode normalizeTraceId}.
   * @returns Its spans in order of time; none when the trace is unknown.
   */
  trace(traceId: string): readonly ZipkinSpan[] {
    return this.#spansOfTrace.all(traceId).map(({ json }): ZipkinSpan => JSON.parse(toText(json)));
  }

  /** Lists the services that recorded a span, in alphabetical order. */
  serviceNames(): readonly string[] {
    return this.#texts(
      "SELECT DISTINCT service AS text FROM spans WHERE service IS NOT NULL ORDER BY service",
    );
  }

  /**
   * Lists the names of a service's spans, in alphabetical order.
   *
   * @param serviceName The service, in lower case.
   */
  spanNames(serviceName: string): readonly string[] {
    return this.#texts(
      `SELECT DISTINCT name AS text FROM spans
       WHERE service = :serviceName AND name IS NOT NULL ORDER BY name`,
      { serviceName },
    );
  }

  /**
   * Lists the services that a service called or was called by, in alphabetical order.
   *
   * @param serviceName The service, in lower case.
   */
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
