import { deepEqual, equal, match } from "node:assert/strict";
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
  waitFor,
} from "../../fixture/zipkin.ts";

contract("shows a record once that was posted twice", async (url) => {
  const { traceId, spans } = emailSpans(nowUs());
  const [first, second] = spans;
  if (first === undefined || second === undefined) throw new TypeError("The example has no spans");
  await store(url, [first]);
  await store(url, [{ ...first, name: first.name?.toUpperCase() ?? "" }, second]);
  deepEqual(
    new Set(await getJson(`${url}/api/v2/trace/${traceId}`) as readonly ZipkinSpan[]),
    new Set([first, second]),
  );
});

contract("writes names in lower case, pads ids and leaves out what is empty", async (url) => {
  const { names } = emailSpans(nowUs());
  const shortId = `b${randomHex(16).slice(2)}`;
  const sent = [{
    traceId: shortId,
    id: "7",
    parentId: "0",
    name: "GET /Email",
    kind: "CLIENT",
    shared: true,
    duration: 0,
    timestamp: String(nowUs()),
    localEndpoint: { serviceName: names.emailer.toUpperCase(), ipv4: "not an address" },
    remoteEndpoint: { serviceName: "", ipv6: "::ffff:192.0.2.1", port: 0 },
    annotations: [{ timestamp: 2, value: "b" }, { timestamp: 1, value: "a" }],
    tags: { z: "1", a: 2 },
    unknown: [1],
  }];
  equal((await post(url, JSON.stringify(sent))).status, 202);
  const path = `${url}/api/v2/trace/${shortId}`;
  await waitFor(async () => (await get(path)).status === 200);
  deepEqual(await getJson(path), [{
    traceId: `0${shortId}`,
    id: "0000000000000007",
    kind: "CLIENT",
    name: "get /email",
    timestamp: Number(sent[0]?.timestamp),
    localEndpoint: { serviceName: names.emailer },
    remoteEndpoint: { ipv4: "192.0.2.1" },
    annotations: [{ timestamp: 1, value: "a" }, { timestamp: 2, value: "b" }],
    tags: { a: "2", z: "1" },
  }]);
});

contract("takes a gzipped body", async (url) => {
  const { traceId, spans } = emailSpans(nowUs());
  const zipped = new Blob([JSON.stringify(spans)]).stream()
    .pipeThrough(new CompressionStream("gzip"));
  const body = await new Response(zipped).arrayBuffer();
  equal((await post(url, body, { "content-encoding": "gzip" })).status, 202);
  await waitFor(async () => (await get(`${url}/api/v2/trace/${traceId}`)).status === 200);
});

contract("takes an empty body and an empty list", async (url) => {
  equal((await post(url, "")).status, 202);
  equal((await post(url, "[]")).status, 202);
});

contract("refuses malformed spans and says why", async (url) => {
  const refused: readonly (readonly [string, RegExp])[] = [
    ["{}", /^Expected a JSON_V2 encoded list\n$/],
    ["spans", /^Expected a JSON_V2 encoded list\n$/],
    ["[1]", /^Malformed reading List<Span> from json$/],
    ['[{"traceId":"1","id":"1"', / reading List<Span> from json$/],
    ["[{}]", /^Missing : traceId id reading List<Span> from json$/],
    ['[{"traceId":"","id":"1"}]', /^traceId is empty reading/],
    ['[{"traceId":"00","id":"1"}]', /^traceId is all zeros reading/],
    [`[{"traceId":"${"1".repeat(33)}","id":"1"}]`, /^traceId.length > 32 reading/],
    ['[{"traceId":"AB","id":"1"}]', /^AB should be lower-hex encoded with no prefix reading/],
    [`[{"traceId":"1","id":"${"1".repeat(17)}"}]`, /^id.length > 16 reading/],
    ['[{"traceId":"1","id":"1","kind":"X"}]', /^No enum constant zipkin2.Span.Kind.X reading/],
    ['[{"traceId":"1","id":"1","timestamp":1.5}]', /^Expected a long but was 1.5 /],
    ['[{"traceId":"1","id":"1","tags":{"a":true}}]', /^Expected a string but was BOOLEAN /],
    ['[{"traceId":"1","id":"1","localEndpoint":{"port":70000}}]', /^invalid port 70000 reading/],
    ['[{"traceId":"1","id":"1","binaryAnnotations":[]}]', /but received: JSON_V1\n$/],
  ];
  for (const [body, reason] of refused) {
    const { status, text } = await post(url, body);
    equal(status, 400, body);
    match(text, reason);
  }
});

contract("stores nothing of a list with one malformed span", async (url) => {
  const { traceId, spans } = emailSpans(nowUs());
  equal((await post(url, JSON.stringify([...spans, { id: "1" }]))).status, 400);
  equal((await get(`${url}/api/v2/trace/${traceId}`)).status, 404);
});

contract("refuses a body that is not the gzip that it claims to be", async (url) => {
  const answer = await post(url, "[]", { "content-encoding": "gzip" });
  deepEqual(answer, { status: 400, text: "Cannot gunzip spans" });
});

contract("refuses a body above 10 MiB", async (url) => {
  const span = { traceId: randomHex(32), id: "1", tags: { a: "x".repeat(11 * 1024 * 1024) } };
  const { status, text } = await post(url, JSON.stringify([span]));
  // The real one answers 500 with "413 Request Entity Too Large" as its text.
  equal(status === 413 || text.startsWith("413"), true, text);
});
