import { Buffer } from "node:buffer";
import { type ExportResult, ExportResultCode } from "@opentelemetry/core";
import type { ReadableSpan, SpanExporter } from "@opentelemetry/sdk-trace";
import type { BatchExporter, Delivery, Failure, PreparedSpan } from "./batch_exporter.ts";
import { toZipkinSpan } from "./zipkin_exporter.ts";

/** OTLP's largest overhead for each attribute, event and link. */
const MEMBER_BYTES = 64;

interface WaitingSpan extends PreparedSpan {
  readonly span: ReadableSpan;
}

/** Sends spans through one of OpenTelemetry's own exporters, which serialize a batch when they send it. */
export class LibraryExporter implements BatchExporter<WaitingSpan> {
  readonly #exporter: SpanExporter;
  readonly #failureOf: (error: Error | undefined) => Failure;

  /** `failureOf` reads the collector's answer from the exporter's error. */
  constructor(exporter: SpanExporter, failureOf: (error: Error | undefined) => Failure) {
    this.#exporter = exporter;
    this.#failureOf = failureOf;
  }

  /** Estimates the size. */
  prepare(span: ReadableSpan): WaitingSpan {
    const { attributes, events, links } = span;
    const memberCount = Object.keys(attributes).length + events.length + 2 * links.length;
    const textBytes = Buffer.byteLength(JSON.stringify(toZipkinSpan(span)));
    return { span, sizeBytes: textBytes + memberCount * MEMBER_BYTES };
  }

  async send(batch: readonly WaitingSpan[]): Promise<Delivery> {
    const { code, error } = await new Promise<ExportResult>((resolve) =>
      this.#exporter.export(batch.map(({ span }) => span), resolve)
    );
    if (code === ExportResultCode.SUCCESS) return { outcome: "taken" };
    return { outcome: this.#failureOf(error), reason: error?.message ?? "no reason given" };
  }

  shutdown(): Promise<void> {
    return this.#exporter.shutdown();
  }
}
