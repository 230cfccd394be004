/**
 * What the playground relies on of Zipkin, held against the stand-in and against a real Zipkin 3 (TEST_ZIPKIN_URL).
 *
 * {@linkcode contract} registers a test for both. A real one may hold other traces: every test uses trace ids and service names
 * of its own, such as those of {@linkcode emailSpans}.
 *
 * @module
 */
import { deepEqual, equal } from "node:assert/strict";
import { contractTargets, integrationTest } from "@playground/shared/testing";
import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import { startZipkin } from "../../../tasks/standins/zipkin/mod.ts";

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
export function contract(name: string, run: (url: string) => Promise<void>): void {
  for (const { name: target, ignoredBecause, start } of targets) {
    const options = ignoredBecause === undefined ? {} : { ignoredBecause };
    integrationTest(`Zipkin (${target}): ${name}`, async () => {
      await using collector = await start();
      await run(collector.url);
    }, options);
  }
}

/** Gets something, whatever the status; follows no redirect. */
export async function get(url: string): Promise<Answer> {
  const response = await fetch(url, { redirect: "manual" });
  return { status: response.status, text: await response.text() };
}

/** Gets JSON, which must be there. */
export async function getJson(url: string): Promise<unknown> {
  const { status, text } = await get(url);
  equal(status, 200, text);
  return JSON.parse(text);
}

/** Posts spans as they are. */
export async function post(
  url: string,
  body: BodyInit,
  headers: HeadersInit = {},
): Promise<Answer> {
  const response = await fetch(`${url}/api/v2/spans`, {
    method: "POST",
    body,
    headers: { "content-type": "application/json", ...headers },
  });
  return { status: response.status, text: await response.text() };
}

/** Posts spans and waits until the collector shows them all. */
export async function store(url: string, spans: readonly ZipkinSpan[]): Promise<void> {
  deepEqual(await post(url, JSON.stringify(spans)), { status: 202, text: "" });
  for (const [traceId, ofTrace] of Map.groupBy(spans, (span) => span.traceId)) {
    await waitFor(async () => {
      const { text, status } = await get(`${url}/api/v2/trace/${traceId}`);
      const found: unknown = status === 200 ? JSON.parse(text) : [];
      return Array.isArray(found) && found.length >= ofTrace.length;
    });
  }
}

/** Waits until a query finds what was posted. */
export async function waitFor(isDone: () => Promise<boolean>): Promise<void> {
  const signal = AbortSignal.timeout(VISIBLE_WITHIN_MS);
  while (!await isDone()) {
    signal.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** An id that no other test uses. */
export function randomHex(digits: 16 | 32): string {
  // The first digit is never zero: Zipkin shortens an id that starts with sixteen of them.
  return `a${crypto.randomUUID().replaceAll("-", "").slice(0, digits - 1)}`.padEnd(digits, "0");
}

/** Names that no other run uses. */
export function uniqueNames<Name extends string>(...names: readonly Name[]): Record<Name, string> {
  const run = randomHex(16);
  return Object.fromEntries(names.map((name) => [name, `${name}-${run}`])) as Record<Name, string>;
}

/** The records of one email and of the poll that archives it, as the span catalogue has them. */
export function emailSpans(startUs: number, error?: string) {
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

/** The time. */
export function nowUs(): number {
  return Date.now() * 1_000;
}
