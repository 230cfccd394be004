import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import { buildServiceTree, type ServiceNode } from "./service_tree.ts";

export interface Call {
  readonly parent: string;
  readonly child: string;
  readonly isError: boolean;
}

/** The calls between services within a trace, by the rules of Zipkin's `DependencyLinker`. */
export function* callsIn(spans: readonly ZipkinSpan[]): Generator<Call> {
  const nodes = buildServiceTree(spans);
  for (const node of nodes) yield* callsOf(node, node === nodes[0]);
}

function* callsOf(node: ServiceNode, isRoot: boolean): Generator<Call> {
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
    if (parent !== undefined && child !== undefined) yield { parent, child, isError };
    return;
  }
  if (isRoot && kind === "SERVER" && parent === undefined) return; // nobody knows who called

  const ancestor = firstRemoteAncestor(node);
  const ancestorService = ancestor?.localEndpoint?.serviceName;
  if (ancestor !== undefined && ancestorService !== undefined) {
    if (kind === "CLIENT" && service !== undefined && ancestorService !== service) {
      // The record of the call from the ancestor to this client is missing; whether it failed is unknown.
      yield { parent: ancestorService, child: service, isError: false };
    }
    if (kind === "SERVER" || parent === undefined) parent = ancestorService;
    // The client's record of this very call was passed over above, and may be the one that knows of the failure.
    const isOwnClient = ancestor.kind === "CLIENT" && span.parentId === ancestor.id;
    isError ||= isOwnClient && isFailed(ancestor);
  }
  if (parent !== undefined && child !== undefined) yield { parent, child, isError };
}

/** Local work may lie between a span and the side of a call above it. */
function firstRemoteAncestor(node: ServiceNode): ZipkinSpan | undefined {
  for (let above = node.parent; above !== undefined; above = above.parent) {
    if (above.span?.kind !== undefined) return above.span;
  }
  return undefined;
}

function isFailed({ tags = {} }: ZipkinSpan): boolean {
  return Object.hasOwn(tags, "error");
}
