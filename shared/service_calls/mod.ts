/**
 * Finds the calls between services in a trace, by the rules of Zipkin's `DependencyLinker`: the edges of its dependency graph.
 *
 * ```ts
 * import { callsIn } from "@playground/shared/service-calls";
 *
 * const spans = [{
 *   traceId: "463ac35c9f6413ad48485a3978bb5ecc",
 *   id: "a2fb4a1d1a96d312",
 *   kind: "CLIENT",
 *   localEndpoint: { serviceName: "shop" },
 *   remoteEndpoint: { serviceName: "database" },
 * }] as const;
 * for (const { parent, child } of callsIn(spans)) console.log(parent, child); // shop database
 * ```
 *
 * @module
 */
import type { ZipkinSpan } from "../tracing/zipkin_span.ts";
import { buildServiceTree, type ServiceNode } from "./service_tree.ts";

/** One call of a service by another. */
export interface Call {
  /** The service that calls. */
  readonly parent: string;
  /** The called service. */
  readonly child: string;
  /** Whether a record of it has an error. */
  readonly isError: boolean;
  /** The record that proves it. */
  readonly span: ZipkinSpan;
  /** The caller's own record of it, if that is another. */
  readonly callerSpan?: ZipkinSpan;
}

/** The calls between services within a trace, by the rules of Zipkin's `DependencyLinker`. */
export function* callsIn(spans: readonly ZipkinSpan[]): Generator<Call> {
  const nodes = buildServiceTree(spans);
  // Local work may lie between a span and the side of a call above it.
  const sideAbove = new Map<ServiceNode, ZipkinSpan | undefined>();
  for (const node of nodes) {
    const { parent } = node;
    const above = parent?.span?.kind === undefined ? parent && sideAbove.get(parent) : parent.span;
    sideAbove.set(node, above);
    yield* callsOf(node, node === nodes[0], above);
  }
}

function* callsOf(
  node: ServiceNode,
  isRoot: boolean,
  ancestor: ZipkinSpan | undefined,
): Generator<Call> {
  const { span } = node;
  if (span === undefined) return;
  const service = span.localEndpoint?.serviceName;
  const remote = span.remoteEndpoint?.serviceName;
  // The server's own record is better evidence of a call than the client's.
  if (span.kind === "CLIENT" && node.children.length > 0) return;
  // Without a kind, a span that names both sides counts as a client's.
  const kind = span.kind ?? (service !== undefined && remote !== undefined ? "CLIENT" : undefined);
  if (kind === undefined) return;

  const isReceiving = kind === "SERVER" || kind === "CONSUMER";
  const child = isReceiving ? service : remote;
  let parent = isReceiving ? remote : service;
  let isError = isFailed(span);
  if (kind === "PRODUCER" || kind === "CONSUMER") {
    if (parent !== undefined && child !== undefined) yield { parent, child, isError, span };
    return;
  }
  if (isRoot && kind === "SERVER" && parent === undefined) return; // the caller is unknown

  let callerSpan: ZipkinSpan | undefined;
  const ancestorService = ancestor?.localEndpoint?.serviceName;
  if (ancestor !== undefined && ancestorService !== undefined) {
    if (kind === "CLIENT" && service !== undefined && ancestorService !== service) {
      // The record of the call from the ancestor to this client is missing; whether it failed is unknown.
      yield { parent: ancestorService, child: service, isError: false, span };
    }
    if (kind === "SERVER" || parent === undefined) parent = ancestorService;
    // The client's record of this call was skipped above, and perhaps only it has the error.
    const isOwnClient = ancestor.kind === "CLIENT" && span.parentId === ancestor.id;
    isError ||= isOwnClient && isFailed(ancestor);
    if (isReceiving && [span.id, span.parentId].includes(ancestor.id)) callerSpan = ancestor;
  }
  if (parent === undefined || child === undefined) return;
  yield { parent, child, isError, span, ...(callerSpan && { callerSpan }) };
}

function isFailed({ tags = {} }: ZipkinSpan): boolean {
  return Object.hasOwn(tags, "error");
}
