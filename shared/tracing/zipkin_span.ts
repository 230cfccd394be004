/**
 * A span as Zipkin's API version 2 reads and writes it (https://zipkin.io/zipkin-api/, schema `Span`). The exporter
 * makes these, the collector keeps them, the waterfall draws them.
 *
 * @module
 */

/** Which side of a call or of a message a span describes; local work has none. */
export type ZipkinKind = "CLIENT" | "SERVER" | "PRODUCER" | "CONSUMER";

/** One side of a call: the service, and where it can be reached. */
export interface ZipkinEndpoint {
  /** The service's name; Zipkin keeps it in lower case. */
  readonly serviceName?: string;
  /** Dotted IPv4 address. */
  readonly ipv4?: string;
  /** IPv6 address. */
  readonly ipv6?: string;
  /** TCP port. */
  readonly port?: number;
}

/** Something that happened at one moment within a span. */
export interface ZipkinAnnotation {
  /** Microseconds since the epoch. */
  readonly timestamp: number;
  /** What happened. */
  readonly value: string;
}

/**
 * One record of a span. Two services may each report a record of the same trace, span and parent id: the halves of one
 * span.
 */
export interface ZipkinSpan {
  /** 16 or 32 lower-case hexadecimal digits. */
  readonly traceId: string;
  /** 16 lower-case hexadecimal digits. */
  readonly id: string;
  /** The id of the span that caused this one; a root has none. */
  readonly parentId?: string;
  /** What was done, in lower case. */
  readonly name?: string;
  /** Which side of a call or message; local work has none. */
  readonly kind?: ZipkinKind;
  /** Start, in microseconds since the epoch. */
  readonly timestamp?: number;
  /** Length in microseconds; absent while the span is unfinished, or when it was shorter than one. */
  readonly duration?: number;
  /** Who recorded the span. */
  readonly localEndpoint?: ZipkinEndpoint;
  /** The other side of the call or message. */
  readonly remoteEndpoint?: ZipkinEndpoint;
  /** Moments within the span. */
  readonly annotations?: readonly ZipkinAnnotation[];
  /** Facts about the span; the tag `error` marks a failure and says why. */
  readonly tags?: Readonly<Record<string, string>>;
  /** True when the trace is kept whatever the sampling decision was. */
  readonly debug?: boolean;
  /** True on the server's half of a span that client and server share. */
  readonly shared?: boolean;
}
