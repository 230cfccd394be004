import { deepEqual, equal } from "node:assert/strict";
import { scheduled, TRACE_ID } from "../testing/email_spans.ts";
import { createEmailReader, MAX_SPANS } from "./email_reader.ts";
import { ZipkinApi } from "./zipkin_api.ts";

function start(spanCount: number) {
  const asked: string[] = [];
  const spans = Array.from({ length: spanCount }, (_, atMs) => scheduled({ atMs }));
  const api = new ZipkinApi(new URL("http://zipkin.example"), (input) => {
    const { pathname } = new URL(String(input));
    asked.push(pathname);
    return Promise.resolve(Response.json(pathname.endsWith(TRACE_ID) ? spans : []));
  });
  return { asked, reader: createEmailReader(api, () => undefined) };
}

Deno.test("createEmailReader() answers all who ask the same at once with one reading", async () => {
  const { asked, reader } = start(1);
  const results = await Promise.all(Array.from({ length: 50 }, () => reader.trace(TRACE_ID)));
  equal(new Set(results).size, 1);
  deepEqual(asked, [`/api/v2/trace/${TRACE_ID}`, "/api/v2/traces"]);
  await reader.trace(TRACE_ID);
  equal(asked.length, 4);
});

for (const [spanCount, omittedSpanCount] of [[MAX_SPANS, undefined], [MAX_SPANS + 345, 345]]) {
  Deno.test(`createEmailReader() tells of ${spanCount} spans at most ${MAX_SPANS}, and how many more there are`, async () => {
    const result = await start(spanCount ?? 0).reader.trace(TRACE_ID);
    equal(result.status === "found" && result.trace.spans.length, MAX_SPANS);
    equal(result.status === "found" && result.trace.omittedSpanCount, omittedSpanCount);
  });
}
