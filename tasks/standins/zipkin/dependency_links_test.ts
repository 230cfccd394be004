import { deepEqual } from "node:assert/strict";
import type { ZipkinKind, ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import { DependencyCounter } from "./dependency_links.ts";

function linksOf(trace: readonly ZipkinSpan[]): readonly string[] {
  const counter = new DependencyCounter();
  counter.addTrace(trace);
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

for (
  const { behaviour, records, expected } of [
    {
      behaviour: "counts a call once when client and server share its id",
      records: [
        span("1", undefined, "CLIENT", "page"),
        span("1", undefined, "SERVER", "message-server", undefined, { shared: true }),
      ],
      expected: ["page → message-server: 1"],
    },
    {
      behaviour: "fills in a call whose record is missing",
      records: [
        span("1", undefined, "SERVER", "message-server"),
        span("2", "1", "CLIENT", "emailer", "mailtrap"),
      ],
      expected: ["emailer → mailtrap: 1", "message-server → emailer: 1"],
    },
    {
      behaviour: "puts together a record that was sent in pieces",
      records: [
        span("1", undefined, "CLIENT", "emailer"),
        { traceId: "a", id: "1", remoteEndpoint: { serviceName: "mailtrap" }, tags: { error: "" } },
      ],
      expected: ["emailer → mailtrap: 1, 1 failed"],
    },
    {
      behaviour: "ignores a cycle",
      records: [
        span("1", "2", "CLIENT", "emailer", "mailtrap"),
        span("2", "1", "CLIENT", "emailer", "mailtrap"),
      ],
      expected: [],
    },
  ]
) {
  Deno.test(`DependencyCounter ${behaviour}`, () => deepEqual(linksOf(records), expected));
}
