import { getLogger } from "@logtape/logtape";
import { type ExportResult, ExportResultCode } from "@opentelemetry/core";
import {
  NoopSpanProcessor,
  type ReadableSpan,
  type SpanExporter,
  type SpanProcessor,
} from "@opentelemetry/sdk-trace";
import { Buffer } from "node:buffer";
import { underBase } from "../configuration/base_url.ts";
import { credentialHeaders } from "../http/url_credentials.ts";
import type { OtlpEndpoint, Telemetry } from "../telemetry/telemetry.ts";
import { useBaggageKeys } from "./baggage.ts";
import {
  type BatchExporter,
  type Delivery,
  type Failure,
  failureOf,
  type PreparedSpan,
} from "./batch_exporter.ts";
import { usePropagators } from "./propagation.ts";
import { SpanQueue } from "./span_queue.ts";
import { Tracing } from "./tracing.ts";
import { toZipkinSpan, zipkinExporter } from "./zipkin_exporter.ts";

/** How OpenTelemetry's exporter for Zipkin reports the collector's status. */
const STOCK_STATUS = /status code from zipkin: (?<status>\d{3})$/;

/** Starts the tracing of a service; disposing it sends what is still queued. */
export async function startTracing(telemetry: Telemetry): Promise<Tracing> {
  if (telemetry.isDenoTracing) {
    getLogger(["tracing"]).warn(
      "OTEL_DENO=true makes Deno report its own spans, which are not connected with ours; unset it",
    );
  }
  usePropagators(telemetry.propagators);
  useBaggageKeys(telemetry.baggageKeys);
  return new Tracing({
    serviceName: telemetry.serviceName,
    resource: telemetry.resource,
    sampleRatio: telemetry.sampling.ratio,
    followsCaller: telemetry.sampling.followsCaller,
    processor: await createSpanProcessor(telemetry),
  });
}

/** The queue and the exporter between the spans and the collector; without a collector, nothing. */
export async function createSpanProcessor(
  { exporter, zipkinUrl, otlp, spanQueue }: Telemetry,
): Promise<SpanProcessor> {
  if (exporter === "otlp") return queueBefore(await otlpExporter(otlp.traces), spanQueue);
  if (exporter === "none" || zipkinUrl === undefined) return new NoopSpanProcessor();
  return exporter === "zipkin"
    ? queueBefore(zipkinExporter(zipkinUrl, spanQueue.timeoutMs), spanQueue)
    : queueBefore(await stockZipkinExporter(zipkinUrl), spanQueue);
}

async function stockZipkinExporter(url: URL): Promise<BatchExporter<WaitingSpan>> {
  const { ZipkinExporter } = await import("@opentelemetry/exporter-zipkin");
  const exporter = new ZipkinExporter({
    url: underBase(url, "api/v2/spans").href,
    headers: credentialHeaders(url),
  });
  return libraryExporter(exporter, (error) => {
    const status = error?.message.match(STOCK_STATUS)?.groups?.status;
    return status === undefined ? "later" : failureOf(Number(status));
  });
}

async function otlpExporter(
  { url, headers, timeoutMs }: OtlpEndpoint,
): Promise<BatchExporter<WaitingSpan>> {
  const { OTLPTraceExporter } = await import("@opentelemetry/exporter-trace-otlp-http");
  const exporter = new OTLPTraceExporter({ url, headers, timeoutMillis: timeoutMs });
  return libraryExporter(exporter, (error) => {
    // OTLPExporterError has the status as its code, but not where a retry may help (OTLP, section "Failures").
    const status = error !== undefined && "code" in error ? error.code : undefined;
    if (typeof status !== "number") return "later";
    return status >= 500 ? "refused" : failureOf(status);
  });
}

function queueBefore<Prepared extends PreparedSpan>(
  exporter: BatchExporter<Prepared>,
  { intervalMs, capacity, batchSize }: Telemetry["spanQueue"],
): SpanQueue<Prepared> {
  return new SpanQueue({
    exporter,
    intervalMs,
    capacity,
    batchSize: Math.min(batchSize, capacity),
    onDelivery: deliveryLog(),
    onLoss: () =>
      getLogger(["tracing"]).warn("Spans are being lost, emails are not; /readyz counts them"),
  });
}

/** Logs, at each change, whether the collector accepts spans now, later or never. */
function deliveryLog(): (delivery: Delivery) => void {
  const logger = getLogger(["tracing"]);
  let isLimitKnown = false;
  let last: Delivery["outcome"] = "taken";
  return (delivery) => {
    if (delivery.outcome === "too-large") {
      const { reason } = delivery;
      // Once: larger batches are tried after smaller ones, so the limit is hit repeatedly.
      if (!isLimitKnown) {
        logger.info("The collector accepts only smaller batches: {reason}", { reason });
      }
      isLimitKnown = true;
    } else if (delivery.outcome !== last) {
      last = delivery.outcome;
      if (delivery.outcome === "taken") logger.info("The collector accepts spans again");
      else logger.warn(`${PROBLEMS[delivery.outcome]}: {reason}`, { reason: delivery.reason });
    }
  };
}

const PROBLEMS = {
  later: "The collector accepts no spans now; they wait, emails do not",
  refused: "The collector refuses spans; they are lost, emails are not",
} as const;

/** OTLP's largest overhead for each attribute, event and link. */
const MEMBER_BYTES = 64;

interface WaitingSpan extends PreparedSpan {
  readonly span: ReadableSpan;
}

/**
 * Sends spans through one of OpenTelemetry's own exporters, which serialize a batch when they send it; `failureOf` reads the
 * collector's answer from their error.
 */
function libraryExporter(
  exporter: SpanExporter,
  failureOf: (error: Error | undefined) => Failure,
): BatchExporter<WaitingSpan> {
  return {
    /** Estimates the size. */
    prepare(span) {
      const { attributes, events, links } = span;
      const memberCount = Object.keys(attributes).length + events.length + 2 * links.length;
      const textBytes = Buffer.byteLength(JSON.stringify(toZipkinSpan(span)));
      return { span, sizeBytes: textBytes + memberCount * MEMBER_BYTES };
    },
    async send(batch) {
      const { code, error } = await new Promise<ExportResult>((resolve) =>
        exporter.export(batch.map(({ span }) => span), resolve)
      );
      if (code === ExportResultCode.SUCCESS) return { outcome: "taken" };
      return { outcome: failureOf(error), reason: error?.message ?? "no reason given" };
    },
    shutdown: () => exporter.shutdown(),
  };
}
