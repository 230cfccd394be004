import { Buffer } from "node:buffer";
import { SpanKind, SpanStatusCode } from "@opentelemetry/api";
import type { ReadableSpan, TimedEvent } from "@opentelemetry/sdk-trace";
import { underBase } from "../configuration/base_url.ts";
import { failureReason, retryAfterMs } from "../http/failure.ts";
import { credentialHeaders } from "../http/url_credentials.ts";
import { attribute } from "./attributes.ts";
import { type BatchExporter, failureOf, type PreparedSpan } from "./batch_exporter.ts";
import { toMicroseconds } from "./clock.ts";
import type { ZipkinAnnotation, ZipkinEndpoint, ZipkinSpan } from "./zipkin_span.ts";

interface SerializedSpan extends PreparedSpan {
  readonly json: string;
}

/** Zipkin's status for spans that it takes. */
const ACCEPTED = 202;

/**
 * Sends spans to Zipkin's `POST /api/v2/spans` (https://zipkin.io/zipkin-api/).
 *
 * OpenTelemetry's own exporter has no remote endpoint (hence no dependency graph), no microseconds, no error for a span
 * without a message, and no time limit.
 */
export function zipkinExporter(baseUrl: URL, timeoutMs: number): BatchExporter<SerializedSpan> {
  const endpoint = underBase(baseUrl, "api/v2/spans");
  const headers = { "content-type": "application/json", ...credentialHeaders(baseUrl) };
  const cannot = `Cannot send spans to ${endpoint.origin}`;
  return {
    /** The size includes the comma. */
    prepare(span) {
      const json = JSON.stringify(toZipkinSpan(span));
      return { json, sizeBytes: Buffer.byteLength(json) + 1 };
    },
    async send(batch) {
      try {
        const response = await fetch(endpoint, {
          method: "POST",
          headers,
          body: `[${batch.map(({ json }) => json).join()}]`,
          signal: AbortSignal.timeout(timeoutMs),
        });
        await response.body?.cancel();
        // A redirect may have made a GET of the POST, such as that of a login page.
        const isPage = response.redirected && response.status !== ACCEPTED;
        if (response.ok && !isPage) return { outcome: "taken" };
        const pauseMs = retryAfterMs(response, Date.now());
        const answer = `it answered ${response.status}${isPage ? " after a redirect" : ""}`;
        return {
          outcome: failureOf(response.status, pauseMs),
          reason: `${cannot}: ${answer}; look at the collector's log`,
          pauseMs,
        };
      } catch (error) {
        const reason = `${cannot}: ${failureReason(error)}; is the collector running?`;
        return { outcome: "later", reason };
      }
    },
  };
}

const ZIPKIN_KIND = {
  [SpanKind.CLIENT]: "CLIENT",
  [SpanKind.SERVER]: "SERVER",
  [SpanKind.PRODUCER]: "PRODUCER",
  [SpanKind.CONSUMER]: "CONSUMER",
  [SpanKind.INTERNAL]: undefined,
} as const;

/**
 * Converts one span to Zipkin's form (https://opentelemetry.io/docs/specs/otel/trace/sdk_exporters/zipkin/). What it does not have
 * is undefined, hence absent in JSON.
 *
 * The span's attribute `service.name` names the party that it is reported for (the broker's half of `amqp-publish`),
 * `peer.service` the other side.
 */
export function toZipkinSpan(span: ReadableSpan): ZipkinSpan {
  const { traceId, spanId } = span.spanContext();
  return {
    traceId,
    id: spanId,
    parentId: span.parentSpanContext?.spanId,
    name: span.name,
    kind: ZIPKIN_KIND[span.kind],
    timestamp: toMicroseconds(span.startTime),
    // Zipkin treats a duration of 0 as "unknown".
    duration: Math.max(1, toMicroseconds(span.duration)),
    localEndpoint: { serviceName: serviceNameOf(span) },
    remoteEndpoint: remoteEndpointOf(span),
    annotations: span.events.length === 0 ? undefined : span.events.map(toAnnotation),
    tags: tagsOf(span),
  };
}

function toAnnotation({ time, name }: TimedEvent): ZipkinAnnotation {
  return { timestamp: toMicroseconds(time), value: name };
}

function serviceNameOf({ attributes, resource }: ReadableSpan): string {
  return String(attributes[attribute.serviceName] ?? resource.attributes[attribute.serviceName]);
}

function remoteEndpointOf({ attributes, kind }: ReadableSpan): ZipkinEndpoint | undefined {
  const serviceName = attributes[attribute.peerService];
  if (serviceName === undefined) return undefined;
  const address = attributes[attribute.networkPeerAddress];
  // The server in a consumer's span is the broker itself, not the publisher on its other side.
  const port = kind === SpanKind.CONSUMER ? undefined : attributes[attribute.serverPort];
  return {
    serviceName: String(serviceName),
    ...(typeof address === "string" && { [address.includes(":") ? "ipv6" : "ipv4"]: address }),
    port: typeof port === "number" ? port : undefined,
  };
}

/** Attributes of the process that are in the endpoint, or useless in each span. */
const NO_TAGS: ReadonlySet<string> = new Set([
  "service.name",
  "service.version",
  "service.instance.id",
]);
const tagsOfResource = new WeakMap<object, Readonly<Record<string, string>>>();

/** The operator's attributes of the process, equal in all its spans. */
function resourceTags(resource: ReadableSpan["resource"]): Readonly<Record<string, string>> {
  return tagsOfResource.getOrInsertComputed(resource, () =>
    Object.fromEntries(
      Object.entries(resource.attributes).filter(([name]) => !NO_TAGS.has(name))
        .map(([name, value]) => [name, String(value)]),
    ));
}

function tagsOf({ attributes, status, resource }: ReadableSpan): Record<string, string> {
  const tags: Record<string, string> = { ...resourceTags(resource) };
  for (const [name, value] of Object.entries(attributes)) {
    if (name !== attribute.serviceName && value !== undefined) tags[name] = String(value);
  }
  if (status.code === SpanStatusCode.ERROR) {
    tags[attribute.otelStatusCode] = "ERROR";
    tags[attribute.error] = status.message ?? "true";
  }
  return tags;
}
