/**
 * A span as Zipkin's API version 2 reads and writes it (https://zipkin.io/zipkin-api/, schema `Span`). The exporter
 * writes these, the collector stores them, the waterfall draws them.
 *
 * ```ts
 * import { zipkinSpan } from "@playground/shared/tracing/zipkin-span";
 *
 * const response = await fetch("http://127.0.0.1:9411/api/v2/traces");
 * const traces = zipkinSpan.array().array().parse(await response.json());
 * ```
 *
 * @module
 */
import { z } from "zod";
import { attribute } from "./attributes.ts";

const endpoint = z.object({
  serviceName: z.string().optional(),
  ipv4: z.string().optional(),
  ipv6: z.string().optional(),
  port: z.number().optional(),
});

/** Zipkin has 64 bits for a time. The sum of two must be an integer in JavaScript: this one is in the year 2112. */
const MAX_TIME_US = Math.floor(Number.MAX_SAFE_INTEGER / 2);

/** The nearest time within the range of clocks. */
const bounded = (us: number) => Math.round(Math.max(0, Math.min(us, MAX_TIME_US)));

/** A time beyond any clock's counts as unknown. */
const time = z.number()
  .transform((us) => us >= 0 && us <= MAX_TIME_US ? Math.round(us) : undefined);

const annotation = z.object({
  /** Microseconds since 1970. */
  timestamp: z.number().transform(bounded),
  value: z.string(),
});

/** Which side of a call or of a message a span describes; local work has none. */
export const ZIPKIN_KINDS = ["CLIENT", "SERVER", "PRODUCER", "CONSUMER"] as const;

/**
 * Reads one record of a span. Two services may each report a record with the same trace, span and parent id: the halves of
 * one span.
 */
export const zipkinSpan = z.object({
  /** Zipkin drops the leading zeros that make 128 bits of an id of 64; tags keep them. */
  traceId: z.string().transform((id) => id.padStart(32, "0")),
  id: z.string(),
  parentId: z.string().optional(),
  /** In lower case. */
  name: z.string().optional(),
  kind: z.enum(ZIPKIN_KINDS).optional(),
  /** The start, in microseconds since 1970. */
  timestamp: time.optional(),
  /** In microseconds; absent while the span is unfinished, or when it was shorter than one. */
  duration: time.optional(),
  /** Who recorded the span. */
  localEndpoint: endpoint.optional(),
  /** The other side of the call or message. */
  remoteEndpoint: endpoint.optional(),
  annotations: z.array(annotation).optional(),
  /** The tag `error` marks a failure and says why. */
  tags: z.record(z.string(), z.string()).optional(),
  /** True when the trace is kept whatever the sampling decision. */
  debug: z.boolean().optional(),
  /** True on the server's half of a span that client and server share. */
  shared: z.boolean().optional(),
});

type DeepReadonly<Value> = { readonly [Key in keyof Value]: DeepReadonly<Value[Key]> };

/** One record of a span; see {@linkcode zipkinSpan}. Ids are lower-case hexadecimal digits. */
export type ZipkinSpan = DeepReadonly<z.output<typeof zipkinSpan>>;
/** One of {@linkcode ZIPKIN_KINDS}. */
export type ZipkinKind = typeof ZIPKIN_KINDS[number];
/** One side of a call: the service, and where it can be reached. */
export type ZipkinEndpoint = DeepReadonly<z.output<typeof endpoint>>;
/** Something that happened at one moment within a span. */
export type ZipkinAnnotation = DeepReadonly<z.output<typeof annotation>>;

/** Moves a span and its annotations by some microseconds; positive is later. */
export function movedBy<Span extends ZipkinSpan>(span: Span, us: number): Span {
  const { timestamp, annotations } = span;
  return {
    ...span,
    timestamp: timestamp === undefined ? undefined : bounded(timestamp + us),
    annotations: annotations?.map(({ timestamp, value }) => ({
      timestamp: bounded(timestamp + us),
      value,
    })),
  };
}

/** Identifies a span among those of several traces, for maps. */
export function spanKey({ traceId, id }: Pick<ZipkinSpan, "traceId" | "id">): string {
  return `${traceId}/${id}`;
}

/** The {@linkcode spanKey} of the span above; a root has none. */
export function parentKey(
  { traceId, parentId }: Pick<ZipkinSpan, "traceId" | "parentId">,
): string | undefined {
  return parentId === undefined ? undefined : spanKey({ traceId, id: parentId });
}

/** The {@linkcode spanKey} of the span in another trace that this one continues, by its tags `origin.*`. */
export function originKey({ tags = {} }: Pick<ZipkinSpan, "tags">): string | undefined {
  const { [attribute.originTraceId]: traceId, [attribute.originSpanId]: id } = tags;
  return traceId === undefined || id === undefined ? undefined : spanKey({ traceId, id });
}
