import { deepEqual } from "node:assert/strict";
import type { ZipkinKind, ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import { EMAIL_TRACE, POLL_TRACE } from "@playground/shared/testing";
import { DependencyCounter } from "./dependency_links.ts";

function linksOf(...traces: readonly (readonly ZipkinSpan[])[]): readonly string[] {
  const counter = new DependencyCounter();
  for (const trace of traces) counter.addTrace(trace);
  return counter.links()
    .map(({ parent, child, callCount, errorCount = 0 }) =>
      `${parent} → ${child}: ${callCount}` + (errorCount > 0 ? `, ${errorCount} failed` : "")
    )
    .sort();
}

function span(
  id: string,
  parentId: string | undefined,
  kind: ZipkinKind | undefined,
  service: string,
  remote?: string,
  rest: Partial<ZipkinSpan> = {},
): ZipkinSpan {
  return {
    traceId: "a",
    id,
    ...(parentId === undefined ? {} : { parentId }),
    ...(kind === undefined ? {} : { kind }),
    localEndpoint: { serviceName: service },
    ...(remote === undefined ? {} : { remoteEndpoint: { serviceName: remote } }),
    ...rest,
  };
}

Deno.test("DependencyCounter draws the playground's graph from the spans of its catalogue", () => {
  deepEqual(linksOf(EMAIL_TRACE, POLL_TRACE, EMAIL_TRACE.toReversed()), [
    "emailer → mailtrap: 2",
    "mail-poller → mailtrap: 3",
    "mail-poller → mongodb: 1",
    "message-server → rabbitmq: 2",
    "rabbitmq → emailer: 2",
  ]);
});

Deno.test("DependencyCounter loses the edge to the emailer when the consumer's half is marked shared", () => {
  const shared = EMAIL_TRACE.map((record) =>
    record.kind === "CONSUMER" ? { ...record, shared: true } : record
  );
  deepEqual(linksOf(shared), [
    "emailer → mailtrap: 1",
    "message-server → emailer: 1",
    "message-server → rabbitmq: 2",
  ]);
});

Deno.test("DependencyCounter counts failed calls", () => {
  const failed = EMAIL_TRACE.map((record) =>
    record.name === "send-email" ? { ...record, tags: { error: "" } } : record
  );
  deepEqual(linksOf(EMAIL_TRACE, failed).filter((link) => link.startsWith("emailer")), [
    "emailer → mailtrap: 2, 1 failed",
  ]);
});

Deno.test("DependencyCounter counts a call once when client and server share its id", () => {
  const records = [
    span("1", undefined, "CLIENT", "page"),
    span("1", undefined, "SERVER", "message-server", undefined, { shared: true }),
  ];
  deepEqual(linksOf(records), ["page → message-server: 1"]);
});

Deno.test("DependencyCounter notices a server that forgot to mark its half as shared", () => {
  const records = [
    span("2", "1", "SERVER", "message-server"),
    span("2", "1", "CLIENT", "page", undefined, { tags: { error: "timeout" } }),
  ];
  deepEqual(linksOf(records), ["page → message-server: 1"]);
});

Deno.test("DependencyCounter takes the failure of a call from the client's record, if the server knows of none", () => {
  const records = [
    span("1", undefined, "CLIENT", "page", "proxy", { tags: { error: "timeout" } }),
    span("2", "1", "SERVER", "message-server"),
  ];
  deepEqual(linksOf(records), ["page → message-server: 1, 1 failed"]);
});

Deno.test("DependencyCounter looks past local work for the caller", () => {
  const records = [
    span("1", undefined, "SERVER", "message-server"),
    span("2", "1", undefined, "message-server"),
    span("3", "2", "CLIENT", "message-server", "mongodb"),
  ];
  deepEqual(linksOf(records), ["message-server → mongodb: 1"]);
});

Deno.test("DependencyCounter fills in a call whose record is missing", () => {
  const records = [
    span("1", undefined, "SERVER", "message-server"),
    span("2", "1", "CLIENT", "emailer", "mailtrap"),
  ];
  deepEqual(linksOf(records), ["emailer → mailtrap: 1", "message-server → emailer: 1"]);
});

Deno.test("DependencyCounter puts together a record that was sent in pieces", () => {
  const records = [
    span("1", undefined, "CLIENT", "emailer"),
    { traceId: "a", id: "1", remoteEndpoint: { serviceName: "mailtrap" }, tags: { error: "x" } },
  ];
  deepEqual(linksOf(records), ["emailer → mailtrap: 1, 1 failed"]);
});

Deno.test("DependencyCounter ignores a cycle", () => {
  const records = [
    span("1", "2", "CLIENT", "emailer", "mailtrap"),
    span("2", "1", "CLIENT", "emailer", "mailtrap"),
  ];
  deepEqual(linksOf(records), []);
});
