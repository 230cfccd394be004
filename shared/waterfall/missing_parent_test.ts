import { equal, match } from "node:assert/strict";
import type { ZipkinSpan } from "../tracing/zipkin_span.ts";
import { explainMissingParent, type PictureFacts } from "./missing_parent.ts";
import { toTree } from "./row_tree.ts";
import { toSpanRows } from "./span_row.ts";

const LATER: PictureFacts = { nowUs: 60_000_000 };

function explain(
  name: string,
  serviceName: string,
  span: Partial<ZipkinSpan>,
  facts: PictureFacts = LATER,
): string {
  const [row] = toTree(toSpanRows([
    { traceId: "a", id: "1", name, timestamp: 1, localEndpoint: { serviceName }, ...span },
  ]));
  return row === undefined ? "" : explainMissingParent(row, facts) ?? "needs none";
}

for (
  const [cause, expected, name, service, span, facts] of [
    ["headers that were lost", /had no X-B3 headers that can be read$/, "emailer", "emailer", {}],
    ["a context that was lost", /no trace context/, "store-message", "mail-poller", {}],
    [
      "a service that could not report",
      /^The parent of emailer, amqp-publish, never arrived: message-server did not report it/,
      "emailer",
      "emailer",
      { parentId: "2" },
    ],
    [
      "an emailer that could not report a retry",
      /amqp-retry, never arrived: emailer did not/,
      "emailer",
      "emailer",
      { parentId: "2", tags: { attempt: "2" } },
    ],
    ["a caller who reports elsewhere", /its caller's trace/, "schedule-email", "message-server", {
      parentId: "2",
    }],
    ["spans that are on their way", /is not here yet/, "emailer", "emailer", { parentId: "2" }, {
      nowUs: 2_000_000,
    }],
    ["spans that are left out", /left out$/, "emailer", "emailer", { parentId: "2" }, {
      ...LATER,
      omittedSpanCount: 9,
    }],
    ["a stranger", /^The parent of get never arrived: its service/, "get", "front", {
      parentId: "2",
    }],
  ] as const
) {
  Deno.test(`explainMissingParent() explains ${cause}`, () => {
    match(explain(name, service, span, facts), expected);
  });
}

Deno.test("explainMissingParent() finds nothing missing at a root that is one", () => {
  equal(explain("schedule-email", "message-server", {}), "needs none");
  equal(explain("poll-email", "mail-poller", {}), "needs none");
  equal(explain("get", "front", {}), "needs none");
});
