import { deepEqual, equal } from "node:assert/strict";
import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import {
  contract,
  emailSpans,
  get,
  getJson,
  nowUs,
  post,
  randomHex,
  store,
  waitForTrace,
} from "../../fixture/zipkin.ts";

contract(
  "gives back the records of a trace as they were sent, both halves of a span",
  async (url) => {
    const { traceId, spans } = emailSpans(nowUs(), "450 try later");
    await store(url, spans);
    for (const prefix of ["/api/v2", "/zipkin/api/v2"]) {
      const found = await getJson(`${url}${prefix}/trace/${traceId}`);
      const sent = spans.filter((span) => span.traceId === traceId);
      deepEqual(new Set(found as readonly ZipkinSpan[]), new Set(sent));
    }
  },
);

contract("answers 404 for an unknown trace and 400 for an impossible id", async (url) => {
  const traceId = randomHex(32);
  deepEqual(await get(`${url}/api/v2/trace/${traceId}`), {
    status: 404,
    text: `${traceId} not found`,
  });
  deepEqual(await get(`${url}/api/v2/trace/XYZ`), {
    status: 400,
    text: "XYZ should be lower-hex encoded with no prefix",
  });
});

contract("finds one trace under a padded and a shortened id", async (url) => {
  const low = randomHex(16);
  const zeros = "0".repeat(15);
  for (
    const [sent, stored, asked] of [
      [low, low, `${zeros}0${low}`],
      [low.slice(1), `0${low.slice(1)}`, low.slice(1)],
      [`b${low}`, `${zeros}b${low}`, `b${low}`],
    ] as const
  ) {
    equal((await post(url, JSON.stringify([{ traceId: sent, id: "1" }]))).status, 202);
    await waitForTrace(url, asked);
    const [span] = await getJson(`${url}/api/v2/trace/${asked}`) as [ZipkinSpan];
    equal(span.traceId, stored);
  }
});

contract("gives several traces at once and leaves out unknown ones", async (url) => {
  const { traceId, pollTraceId, spans } = emailSpans(nowUs());
  await store(url, spans);
  const many = (ids: readonly string[]) => get(`${url}/api/v2/traceMany?traceIds=${ids.join(",")}`);
  const { text } = await many([pollTraceId, randomHex(32), traceId]);
  const traces: readonly (readonly ZipkinSpan[])[] = JSON.parse(text);
  deepEqual(traces.map(([first]) => first?.traceId), [pollTraceId, traceId]);
  deepEqual(await many([]), { status: 400, text: "traceIds parameter is empty" });
  deepEqual(await many([traceId, traceId]), {
    status: 400,
    text: `redundant traceId: ${traceId}`,
  });
  deepEqual(await many([traceId]), {
    status: 400,
    text: "Use /api/v2/trace/{traceId} endpoint to retrieve a single trace",
  });
});
