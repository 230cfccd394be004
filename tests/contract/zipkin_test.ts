/**
 * What the playground relies on of Zipkin, held against the stand-in and against a real Zipkin 3 (TEST_ZIPKIN_URL). A
 * real one may hold other traces: every test uses trace ids and service names of its own.
 *
 * @module
 */

import { deepEqual, equal, match } from "node:assert/strict";
import { contractTargets, integrationTest } from "@playground/shared/testing";
import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import { startZipkin } from "../../tasks/standins/zipkin/mod.ts";

/** How long a real Zipkin may take from the 202 until a query finds the spans. */
const VISIBLE_WITHIN_MS = 10_000;

interface Collector extends AsyncDisposable {
  readonly url: string;
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

const targets = contractTargets<Collector>(
  "TEST_ZIPKIN_URL",
  () => startZipkin({ port: 0 }),
  (url) => ({ url, [Symbol.asyncDispose]: () => Promise.resolve() }),
);

/** Registers a test for both targets. */
function contract(name: string, run: (url: string) => Promise<void>): void {
  for (const { name: target, ignoredBecause, start } of targets) {
    const options = ignoredBecause === undefined ? {} : { ignoredBecause };
    integrationTest(`Zipkin (${target}): ${name}`, async () => {
      await using collector = await start();
      await run(collector.url);
    }, options);
  }
}

async function get(url: string): Promise<Answer> {
  const response = await fetch(url, { redirect: "manual" });
  return { status: response.status, text: await response.text() };
}

async function getJson(url: string): Promise<unknown> {
  const { status, text } = await get(url);
  equal(status, 200, text);
  return JSON.parse(text);
}

async function post(url: string, body: BodyInit, headers: HeadersInit = {}): Promise<Answer> {
  const response = await fetch(`${url}/api/v2/spans`, {
    method: "POST",
    body,
    headers: { "content-type": "application/json", ...headers },
  });
  return { status: response.status, text: await response.text() };
}

/** Posts spans and waits until the collector shows them all. */
async function store(url: string, spans: readonly ZipkinSpan[]): Promise<void> {
  deepEqual(await post(url, JSON.stringify(spans)), { status: 202, text: "" });
  for (const [traceId, ofTrace] of Map.groupBy(spans, (span) => span.traceId)) {
    await waitFor(async () => {
      const { text, status } = await get(`${url}/api/v2/trace/${traceId}`);
      const found: unknown = status === 200 ? JSON.parse(text) : [];
      return Array.isArray(found) && found.length >= ofTrace.length;
    });
  }
}

async function waitFor(isDone: () => Promise<boolean>): Promise<void> {
  const signal = AbortSignal.timeout(VISIBLE_WITHIN_MS);
  while (!await isDone()) {
    signal.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function randomHex(digits: 16 | 32): string {
  // The first digit is never zero: Zipkin shortens an id that starts with sixteen of them.
  return `a${crypto.randomUUID().replaceAll("-", "").slice(0, digits - 1)}`.padEnd(digits, "0");
}

/** Names that no other run uses. */
function uniqueNames<Name extends string>(...names: readonly Name[]): Record<Name, string> {
  const run = randomHex(16);
  return Object.fromEntries(names.map((name) => [name, `${name}-${run}`])) as Record<Name, string>;
}

function byText(left: unknown, right: unknown): number {
  return JSON.stringify(left) < JSON.stringify(right) ? -1 : 1;
}

/** The records of one email and of the poll that archives it, as the span catalogue has them. */
function emailSpans(startUs: number, error?: string) {
  const names = uniqueNames(
    ...(["message-server", "rabbitmq", "emailer", "mailtrap", "mail-poller", "mongodb"] as const),
  );
  const endpoint = (name: keyof typeof names) => ({ serviceName: names[name] });
  const traceId = randomHex(32);
  const pollTraceId = randomHex(32);
  const publish = {
    traceId,
    parentId: "0000000000000001",
    id: "0000000000000002",
    name: "amqp-publish",
    timestamp: startUs + 2_000,
  } as const;
  const poll = (id: string, name: string, remote: "mailtrap" | "mongodb"): ZipkinSpan => ({
    traceId: pollTraceId,
    parentId: "0000000000000001",
    id,
    kind: "CLIENT",
    name,
    timestamp: startUs + 500_000,
    duration: 1_000,
    localEndpoint: endpoint("mail-poller"),
    remoteEndpoint: endpoint(remote),
  });
  const spans: readonly ZipkinSpan[] = [
    {
      traceId,
      id: "0000000000000001",
      kind: "SERVER",
      name: "schedule-email",
      timestamp: startUs,
      duration: 12_000,
      localEndpoint: endpoint("message-server"),
      tags: { "http.method": "POST" },
    },
    {
      ...publish,
      kind: "PRODUCER",
      duration: 8_000,
      localEndpoint: endpoint("message-server"),
      remoteEndpoint: endpoint("rabbitmq"),
    },
    {
      ...publish,
      kind: "CONSUMER",
      duration: 40_000,
      localEndpoint: endpoint("rabbitmq"),
      remoteEndpoint: endpoint("message-server"),
    },
    {
      traceId,
      parentId: "0000000000000002",
      id: "0000000000000003",
      kind: "SERVER",
      name: "emailer",
      timestamp: startUs + 42_000,
      duration: 100_000,
      localEndpoint: endpoint("emailer"),
    },
    {
      traceId,
      parentId: "0000000000000003",
      id: "0000000000000004",
      kind: "CLIENT",
      name: "send-email",
      timestamp: startUs + 44_000,
      duration: 90_000,
      localEndpoint: endpoint("emailer"),
      remoteEndpoint: endpoint("mailtrap"),
      ...(error === undefined ? {} : { tags: { error } }),
    },
    {
      traceId,
      parentId: "0000000000000003",
      id: "0000000000000005",
      name: "archive-email",
      timestamp: startUs + 140_000,
      duration: 400_000,
      localEndpoint: endpoint("mail-poller"),
    },
    {
      traceId: pollTraceId,
      id: "0000000000000001",
      name: "poll-email",
      timestamp: startUs + 490_000,
      duration: 100_000,
      localEndpoint: endpoint("mail-poller"),
    },
    poll("0000000000000002", "fetch-message", "mailtrap"),
    poll("0000000000000003", "store-message", "mongodb"),
  ];
  return { traceId, pollTraceId, names, spans };
}

function nowUs(): number {
  return Date.now() * 1_000;
}

contract("is healthy", async (url) => {
  const { status, text } = await get(`${url}/health`);
  equal(status, 200);
  match(text, /"status"\s*:\s*"UP"/);
});

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
  await store(url, [{ traceId: low, id: "0000000000000001", timestamp: nowUs() }]);
  equal((await get(`${url}/api/v2/trace/${"0".repeat(16)}${low}`)).status, 200);
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

contract("lists services, their spans and the services that they talk to", async (url) => {
  const { names, spans } = emailSpans(nowUs());
  await store(url, spans);
  const services = await getJson(`${url}/api/v2/services`) as readonly string[];
  const ours = [names.emailer, names["mail-poller"], names["message-server"], names.rabbitmq];
  deepEqual(services.filter((service) => ours.includes(service)), ours);
  const poller = names["mail-poller"].toUpperCase();
  deepEqual(await getJson(`${url}/api/v2/spans?serviceName=${poller}`), [
    "archive-email",
    "fetch-message",
    "poll-email",
    "store-message",
  ]);
  deepEqual(await getJson(`${url}/api/v2/remoteServices?serviceName=${poller}`), [
    names.mailtrap,
    names.mongodb,
  ]);
  deepEqual(await getJson(`${url}/api/v2/spans?serviceName=`), []);
  deepEqual(await getJson(`${url}/api/v2/remoteServices?serviceName=${names.mailtrap}`), []);
});

contract("completes no tags", async (url) => {
  deepEqual(await getJson(`${url}/api/v2/autocompleteKeys`), []);
  deepEqual(await getJson(`${url}/api/v2/autocompleteValues?key=http.method`), []);
});

contract("says which parameter is missing", async (url) => {
  const missing: readonly (readonly [string, string])[] = [
    ["spans", "serviceName"],
    ["remoteServices", "serviceName"],
    ["traceMany", "traceIds"],
    ["dependencies", "endTs"],
    ["autocompleteValues", "key"],
  ];
  for (const [path, parameter] of missing) {
    deepEqual(await get(`${url}/api/v2/${path}`), {
      status: 400,
      text: `Mandatory parameter/header/attribute is missing: ${parameter}`,
    });
  }
});

contract("searches traces, newest first", async (url) => {
  const startUs = nowUs() - 60_000_000;
  const { traceId, pollTraceId, names, spans } = emailSpans(startUs, "450 try later");
  await store(url, spans);
  const search = async (parameters: Record<string, string>) => {
    const query = new URLSearchParams(parameters);
    const traces = await getJson(`${url}/api/v2/traces?${query}`);
    return (traces as readonly (readonly ZipkinSpan[])[]).map(([first]) => first?.traceId);
  };
  const poller = names["mail-poller"];
  const emailer = names.emailer;
  deepEqual(await search({ serviceName: poller }), [pollTraceId, traceId]);
  deepEqual(await search({ serviceName: poller, limit: "1" }), [pollTraceId]);
  deepEqual(await search({ serviceName: poller, spanName: "Archive-Email" }), [traceId]);
  deepEqual(await search({ serviceName: poller, spanName: "send-email" }), []);
  deepEqual(await search({ serviceName: poller, spanName: "all" }), [pollTraceId, traceId]);
  deepEqual(await search({ serviceName: emailer.toUpperCase() }), [traceId]);
  deepEqual(await search({ remoteServiceName: names.mongodb }), [pollTraceId]);
  deepEqual(await search({ serviceName: emailer, remoteServiceName: names.mongodb }), []);
  deepEqual(await search({ serviceName: emailer, annotationQuery: "error" }), [traceId]);
  deepEqual(await search({ serviceName: emailer, annotationQuery: "error=450 try later" }), [
    traceId,
  ]);
  deepEqual(await search({ serviceName: emailer, annotationQuery: "error=other" }), []);
  deepEqual(await search({ serviceName: emailer, annotationQuery: "http.method" }), []);
  deepEqual(await search({ serviceName: emailer, annotationQuery: "error and x" }), []);
  deepEqual(await search({ serviceName: poller, minDuration: "400000" }), [traceId]);
  deepEqual(await search({ serviceName: poller, minDuration: "1", maxDuration: "99999" }), [
    pollTraceId,
  ]);
  const startMs = startUs / 1_000;
  deepEqual(await search({ serviceName: poller, endTs: `${startMs}` }), [traceId]);
  deepEqual(await search({ serviceName: emailer, endTs: `${startMs + 100}` }), [traceId]);
  deepEqual(await search({ serviceName: emailer, endTs: `${startMs - 1}` }), []);
  deepEqual(await search({ serviceName: emailer, lookback: "59000" }), []);
});

contract("refuses searches that make no sense", async (url) => {
  const refused: readonly (readonly [string, string])[] = [
    ["traces?limit=x", 'For input string: "x"'],
    ["traces?limit=0", "limit <= 0"],
    ["traces?endTs=0", "endTs <= 0"],
    ["traces?lookback=-1", "lookback <= 0"],
    ["traces?minDuration=0", "minDuration <= 0"],
    ["traces?maxDuration=5", "maxDuration is only valid with minDuration"],
    ["traces?minDuration=9&maxDuration=5", "maxDuration < minDuration"],
    ["dependencies?endTs=0", "endTs <= 0"],
    ["dependencies?endTs=5&lookback=0", "lookback <= 0"],
  ];
  for (const [path, text] of refused) {
    deepEqual(await get(`${url}/api/v2/${path}`), { status: 400, text });
  }
});

contract("draws the dependency graph of the span catalogue", async (url) => {
  const { names, spans } = emailSpans(nowUs(), "450 try later");
  await store(url, spans);
  deepEqual(
    await dependencies(url, names),
    [
      { parent: names["message-server"], child: names.rabbitmq, callCount: 1 },
      { parent: names.rabbitmq, child: names.emailer, callCount: 1 },
      { parent: names.emailer, child: names.mailtrap, callCount: 1, errorCount: 1 },
      { parent: names["mail-poller"], child: names.mailtrap, callCount: 1 },
      { parent: names["mail-poller"], child: names.mongodb, callCount: 1 },
    ].sort(byText),
  );
});

contract("loses an edge of the graph when the consumer's half is marked shared", async (url) => {
  const { names, spans } = emailSpans(nowUs());
  await store(
    url,
    spans.map((span) => span.kind === "CONSUMER" ? { ...span, shared: true } : span),
  );
  const links = await dependencies(url, names);
  equal(links.some(({ parent }) => parent === names.rabbitmq), false);
});

contract("links client and server that share an id, and those that do not", async (url) => {
  const names = uniqueNames("page", "proxy", "server", "database");
  const traceId = randomHex(32);
  const timestamp = nowUs();
  const span = (
    id: string,
    parentId: string | undefined,
    kind: ZipkinSpan["kind"],
    service: string,
    rest: Partial<ZipkinSpan> = {},
  ): ZipkinSpan => ({
    traceId,
    id: id.padStart(16, "0"),
    ...(parentId === undefined ? {} : { parentId: parentId.padStart(16, "0") }),
    ...(kind === undefined ? {} : { kind }),
    timestamp,
    duration: 1,
    localEndpoint: { serviceName: service },
    ...rest,
  });
  const remoteEndpoint = { serviceName: names.database };
  await store(url, [
    span("1", undefined, "CLIENT", names.page, { tags: { error: "timeout" } }),
    span("1", undefined, "SERVER", names.proxy), // forgot to say that it shares the id
    span("2", "1", "CLIENT", names.proxy, { tags: { error: "reset" } }),
    span("3", "2", "SERVER", names.server),
    span("4", "3", undefined, names.server),
    span("5", "4", "CLIENT", names.server, { remoteEndpoint }),
    span("6", "4", undefined, names.server, { remoteEndpoint, tags: { error: "" } }),
  ]);
  deepEqual(
    await dependencies(url, names),
    [
      { parent: names.page, child: names.proxy, callCount: 1 },
      { parent: names.proxy, child: names.server, callCount: 1, errorCount: 1 },
      { parent: names.server, child: names.database, callCount: 2, errorCount: 1 },
    ].sort(byText),
  );
});

contract("leads people from its root to its pages", async (url) => {
  const response = await fetch(url, { redirect: "manual" });
  await response.body?.cancel();
  equal(response.status, 302);
  equal(response.headers.get("location"), "/zipkin/");
  const page = await fetch(`${url}/zipkin/traces/${randomHex(32)}`);
  match(page.headers.get("content-type") ?? "", /^text\/html/);
  await page.body?.cancel();
});

interface Link {
  readonly parent: string;
  readonly child: string;
}

/** The part of the graph that has to do with the services of this test. */
async function dependencies(
  url: string,
  names: Readonly<Record<string, string>>,
): Promise<readonly Link[]> {
  const links = await getJson(`${url}/api/v2/dependencies?endTs=${Date.now() + 1_000}`);
  const ours = new Set(Object.values(names));
  return (links as readonly Link[])
    .filter(({ parent, child }) => ours.has(parent) || ours.has(child))
    .toSorted(byText);
}
