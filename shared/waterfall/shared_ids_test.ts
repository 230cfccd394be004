import { deepEqual, equal } from "node:assert/strict";
import { EMAIL_TRACE, POLL_TRACE } from "@playground/shared/testing";
import type { ZipkinSpan } from "../tracing/zipkin_span.ts";
import { toSpanRows } from "./span_row.ts";

const SENT: ZipkinSpan = {
  traceId: "a",
  id: "1",
  name: "send-email",
  kind: "CLIENT",
  timestamp: 10,
  duration: 5,
  localEndpoint: { serviceName: "emailer" },
};

function rows(...others: readonly Partial<ZipkinSpan>[]) {
  return toSpanRows([SENT, ...others.map((other) => ({ ...SENT, ...other }))])
    .map(({ id, name, correction }) => [id, name, correction]);
}

Deno.test("toSpanRows() shows different spans of one id apart, and says so", () => {
  const archived = { name: "archive-email", localEndpoint: { serviceName: "mail-poller" } };
  deepEqual(rows(archived), [
    ["1", "send-email", "its id is also that of archive-email; shown apart"],
    ["1~2", "archive-email", "its id is also that of send-email; shown apart"],
  ]);
  deepEqual(rows({ timestamp: 30 }).map(([id]) => id), ["1", "1~2"]);
});

Deno.test("toSpanRows() names only some of many spans of one id", () => {
  const names = Array.from({ length: 999 }, (_, index) => ({ name: `${index + 1}` }));
  deepEqual([rows(...names)[1], rows(...names)[999]].map((row) => row?.[2]), [
    "its id is also that of send-email, 2, 3, 996 more; shown apart",
    "its id is also that of send-email, 1, 2, 996 more; shown apart",
  ]);
});

Deno.test("toSpanRows() merges a span that came twice, and says so", () => {
  const again = { tags: { agent: "2" } };
  deepEqual(rows(again), [["1", "send-email", "it came twice; merged here"]]);
  deepEqual(rows(again, { tags: { agent: "3" } })[0]?.[2], "it came 3 times; merged here");
});

Deno.test("toSpanRows() takes the pieces of a span, and its two sides, for one", () => {
  const { duration: _, ...start } = SENT;
  const [row, ...none] = toSpanRows([start, { ...SENT, name: undefined, timestamp: undefined }]);
  deepEqual([row?.id, row?.correction, none], ["1", undefined, []]);
  const server = { kind: "SERVER", name: "mail", localEndpoint: { serviceName: "b" } } as const;
  deepEqual(rows(server), [["1", "send-email", undefined]]);
  for (const { correction } of toSpanRows([...EMAIL_TRACE, ...POLL_TRACE])) {
    equal(correction, undefined);
  }
});
