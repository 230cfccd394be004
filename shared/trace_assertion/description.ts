/** One record of a span in Zipkin's JSON (https://zipkin.io/zipkin-api/). Times are in microseconds. */
export interface TraceSpan {
  readonly traceId: string;
  readonly id: string;
  readonly parentId?: string;
  readonly name?: string;
  readonly kind?: string;
  readonly timestamp?: number;
  readonly duration?: number;
  readonly localEndpoint?: { readonly serviceName?: string };
  readonly remoteEndpoint?: { readonly serviceName?: string };
  readonly tags?: Readonly<Record<string, string>>;
}

/** The value, a pattern for it, or `null`: there must be none. */
export type ExpectedValue = string | RegExp | null;

/** What a span must be like; what is left out may be anything. */
export interface SpanPattern {
  readonly name?: ExpectedValue;
  /** The service that reported it. */
  readonly service?: ExpectedValue;
  /** The other side of the call or message. */
  readonly remoteService?: ExpectedValue;
  /** `null` is local work. */
  readonly kind?: ExpectedValue;
  /** The name of the span above it. */
  readonly parent?: ExpectedValue;
  /** The parent's id, for a parent outside the spans, such as a caller's. `null` is a root. */
  readonly parentId?: ExpectedValue;
  readonly id?: ExpectedValue;
  readonly tags?: Readonly<Record<string, ExpectedValue>>;
  readonly isFailed?: boolean;
  /** The tag `error`: a span that has one has failed. */
  readonly error?: ExpectedValue;
  readonly minDurationMs?: number;
  readonly maxDurationMs?: number;
  /** From the end of its parent (of a message: of its `PRODUCER`) to its start. */
  readonly minWaitMs?: number;
  readonly maxWaitMs?: number;
}

/** A span that must be there; it must not have failed, unless `isFailed` or `error` says so. */
export interface ExpectedSpan extends SpanPattern {
  readonly name: string;
  /** 0: it may be absent. @default 1 */
  readonly minCount?: number;
  /** @default any number, in a whole trace `minCount` */
  readonly maxCount?: number;
  /** A tag that has the same value in all of them. */
  readonly sharedTag?: string;
  /** The spans directly below it. */
  readonly children?: ExpectedSpans;
}

/** A string is a span's name. */
export type ExpectedSpans = readonly (ExpectedSpan | string)[];

/** What a trace must be like. */
export interface ExpectedTrace {
  /** Spans at any place in the trace; with `isWhole`, its roots. */
  readonly spans: ExpectedSpans;
  /** Patterns that no other span may match. */
  readonly absent?: readonly (SpanPattern | string)[];
  /** Whether the spans of a list begin in its order. @default false */
  readonly isInOrder?: boolean;
  /** Whether each parent is there, unless a `parentId` is expected. @default isWhole */
  readonly isConnected?: boolean;
  /** Whether nothing else is there. @default false */
  readonly isWhole?: boolean;
}
