import { deepEqual, equal, ok } from "node:assert/strict";
import {
  EMAIL_TRACE,
  ERROR_TAGS,
  POLL_TRACE,
  type SpanDefinition,
  TAGS,
} from "@playground/shared/tracing/catalogue";
import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";

/** Reads traces back from a collector's API, as anybody could. */
export class TraceReader {
  readonly #zipkinUrl: string;

  constructor(zipkinUrl: string) {
    this.#zipkinUrl = zipkinUrl;
  }

  /** Reads a trace over and over until it is as expected. */
  async traceUntil(
    traceId: string,
    isReached: (spans: readonly ZipkinSpan[]) => boolean,
  ): Promise<readonly ZipkinSpan[]> {
    return await this.#until(
      () =>
        this.#get<readonly ZipkinSpan[]>(`/api/v2/trace/${traceId}`).then((spans) => spans ?? []),
      isReached,
    );
  }

  /** Searches traces until one is as expected. */
  async findTrace(
    query: Readonly<Record<string, string>>,
    isReached: (spans: readonly ZipkinSpan[]) => boolean,
  ): Promise<readonly ZipkinSpan[]> {
    const search = new URLSearchParams({ lookback: "600000", limit: "200", ...query });
    return await this.#until(
      async () => {
        const traces = await this.#get<readonly (readonly ZipkinSpan[])[]>(
          `/api/v2/traces?${search}`,
        );
        return traces?.find(isReached) ?? [];
      },
      (spans) => spans.length > 0,
    );
  }

  /** Reads the dependency graph of the traces since a moment. */
  async dependencies(sinceMs: number): Promise<readonly string[]> {
    const endTs = Date.now();
    const links = await this.#get<
      readonly { parent: string; child: string; errorCount?: number }[]
    >(`/api/v2/dependencies?endTs=${endTs}&lookback=${endTs - sinceMs}`) ?? [];
    return links.map(({ parent, child, errorCount }) =>
      `${parent} → ${child}${errorCount ? `, errors: ${errorCount}` : ""}`
    ).toSorted();
  }

  async #get<Value>(path: string): Promise<Value | undefined> {
    const response = await fetch(new URL(path, this.#zipkinUrl));
    if (response.ok) return await response.json();
    await response.body?.cancel();
    return undefined;
  }

  async #until(
    read: () => Promise<readonly ZipkinSpan[]>,
    isReached: (spans: readonly ZipkinSpan[]) => boolean,
  ): Promise<readonly ZipkinSpan[]> {
    const deadline = performance.now() + 30_000;
    for (;;) {
      const spans = await read();
      if (isReached(spans)) return spans;
      if (performance.now() > deadline) {
        throw new Error(`The trace did not become as expected: ${JSON.stringify(spans, null, 1)}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/** What a trace is expected to be beside what holds for all. */
export interface TraceExpectation {
  /** The names of the spans that failed, sorted. */
  readonly errors?: readonly string[];
  /** Ids of parents that stand in no trace of ours: a caller's. */
  readonly foreignParents?: readonly string[];
}

/**
 * Holds a trace against the span catalogue: kinds, services, parents and tags; no orphan, nothing that begins before its cause;
 * errors where and only where something failed.
 */
export function assertTrace(
  spans: readonly ZipkinSpan[],
  { errors = [], foreignParents = [] }: TraceExpectation = {},
): void {
  const failed = spans.filter(({ tags }) => tags?.error !== undefined);
  deepEqual(failed.map(({ name }) => name).toSorted(), errors.toSorted());
  for (const span of spans) {
    const definition = definitionOf(span);
    equal(span.kind, definition.kind, `kind of ${span.name}`);
    const remote = span.remoteEndpoint?.serviceName;
    equal(remote, definition.remoteService, `remote service of ${span.name}`);
    assertTags(span, definition);
    assertTimes(span);
    assertParent(span, definition, spans, foreignParents);
  }
}

function definitionOf(span: ZipkinSpan): SpanDefinition {
  const definition = [...EMAIL_TRACE, ...POLL_TRACE].find(({ name, service }) =>
    name === span.name && service === span.localEndpoint?.serviceName
  );
  ok(definition, `${span.name} of ${span.localEndpoint?.serviceName} is not in the catalogue`);
  return definition;
}

function assertTags(span: ZipkinSpan, { tags, optionalTags = [] }: SpanDefinition): void {
  const actual = span.tags ?? {};
  for (const tag of tags) ok(tag in actual, `${span.name} has no tag ${tag}`);
  const errorTags = actual.error === undefined ? [] : ERROR_TAGS;
  for (const [tag, value] of Object.entries(actual)) {
    const isKnown = [...tags, ...optionalTags, ...errorTags].includes(tag);
    ok(isKnown, `${span.name} has the tag ${tag}, which is not in the catalogue`);
    match(tag, value);
  }
  for (const tag of errorTags) ok(tag in actual, `${span.name} failed and has no tag ${tag}`);
}

const PATTERNS = {
  text: /^/,
  integer: /^\d+$/,
  boolean: /^(true|false)$/,
  hex: /^[0-9a-f]+$/,
} as const;

function match(tag: string, value: string): void {
  const type = TAGS[tag]?.type ?? "text";
  ok(PATTERNS[type].test(value), `${tag} is ${value}, no ${type}`);
}

function assertTimes({ name, timestamp = 0, duration = 0 }: ZipkinSpan): void {
  const nowMicroseconds = Date.now() * 1000;
  ok(
    timestamp > nowMicroseconds - 600_000_000 && timestamp <= nowMicroseconds + 1_000_000,
    `${name} starts at ${timestamp}, which is not about now in microseconds`,
  );
  ok(Number.isInteger(duration) && duration > 0, `${name} lasts ${duration} µs`);
}

function assertParent(
  span: ZipkinSpan,
  { parent }: SpanDefinition,
  spans: readonly ZipkinSpan[],
  foreignParents: readonly string[],
): void {
  if (span.parentId === undefined || foreignParents.includes(span.parentId)) return;
  const parents = spans.filter(({ id }) => id === span.parentId);
  ok(parents.length > 0, `the parent of ${span.name} is not in its trace`);
  // A retried email's `emailer` stands below `amqp-retry`, which stands in for `amqp-publish`.
  const expected = span.name === "emailer" ? ["amqp-publish", "amqp-retry"] : [parent];
  const inJoinMode = parents.some(({ name }) => name === "emailer");
  for (const { name = "", timestamp = 0 } of parents) {
    ok(expected.includes(name) || inJoinMode, `${span.name} stands below ${name}`);
    ok((span.timestamp ?? 0) >= timestamp, `${span.name} starts before ${name}, its parent`);
  }
}
