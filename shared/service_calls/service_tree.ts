import type { ZipkinEndpoint, ZipkinSpan } from "../tracing/zipkin_span.ts";
import { mergeRecords } from "./merge_records.ts";

/** A record in Zipkin's tree of a trace; a synthetic root has no span. */
export interface ServiceNode {
  readonly span?: ZipkinSpan;
  parent?: ServiceNode;
  readonly children: ServiceNode[];
}

/**
 * Builds the tree from which Zipkin derives service calls (`SpanNode.Builder`); lists it breadth-first.
 *
 * It is not the displayed tree: the client's and the server's half of one span are parent and child here, and only the later of
 * two other records with one id (the halves of amqp-publish) has a place.
 */
export function buildServiceTree(records: readonly ZipkinSpan[]): readonly ServiceNode[] {
  const cleaned = mergeRecords(records);
  const parentOf = new Map<string, string | undefined>();
  for (const span of cleaned) {
    if (span.shared) parentOf.set(sharedKey(span.id, span.localEndpoint), span.id);
    else parentOf.set(span.id, span.parentId);
  }
  const nodeOf = new Map<string, ServiceNode>();
  let root: ServiceNode | undefined;
  for (const span of cleaned) {
    const node: ServiceNode = { span, children: [] };
    if (span.shared) {
      nodeOf.set(sharedKey(span.id, span.localEndpoint), node);
      nodeOf.set(sharedKey(span.id, undefined), node);
      continue;
    }
    if (span.parentId === undefined && root === undefined) {
      root = node;
      parentOf.delete(span.id);
      continue;
    }
    if (span.parentId !== undefined) {
      // Work within a server is that server's child, not the client's with the same id.
      const server = sharedKey(span.parentId, span.localEndpoint);
      if (parentOf.has(server)) parentOf.set(span.id, server);
    }
    nodeOf.set(span.id, node);
  }
  root ??= { children: [] };
  for (const [key, parentKey] of parentOf) {
    const node = nodeOf.get(key);
    // A span whose parent is unknown, or is the root itself, hangs on the root.
    const parent = (parentKey === undefined ? undefined : nodeOf.get(parentKey)) ?? root;
    if (node === undefined || node === parent) continue;
    node.parent = parent;
    parent.children.push(node);
  }
  const nodes = [root];
  for (const { children } of nodes) for (const child of children) nodes.push(child);
  return nodes;
}

/** Several servers may share the id of one client; their endpoints tell them apart. */
function sharedKey(id: string, endpoint: ZipkinEndpoint | undefined): string {
  const { serviceName, ipv4, ipv6, port } = endpoint ?? {};
  return JSON.stringify([id, serviceName, ipv4, ipv6, port]);
}
