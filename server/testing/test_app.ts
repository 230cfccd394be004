/**
 * The message server's application for tests: its surroundings are fakes, and requests need no socket.
 *
 * @module
 */
import { Metrics } from "@playground/shared/metrics";
import { equal } from "node:assert/strict";
import type { Publication, PublishOutcome } from "@playground/shared/amqp";
import { tracedPublisher } from "@playground/shared/amqp";
import type { EmailDocument } from "@playground/shared/email";
import type { Readiness } from "@playground/shared/lifecycle";
import { startTestTracing } from "@playground/shared/testing/telemetry";
import { Deadlines } from "@playground/shared/time";
import { type AppOptions, createApp } from "../app.ts";
import { createEmailScheduler } from "../email_scheduler.ts";
import { ByteBudget } from "../byte_budget.ts";
import { CollectorFeed } from "../live/mod.ts";
import { problemBody } from "../problem.ts";
import {
  describeEmailTrace,
  type EmailReader,
  type EmailSummary,
  type SpansResult,
} from "../trace_view/mod.ts";

export const DOCUMENT: EmailDocument = {
  sender: { address: "alice@example.com", display: "Alice" },
  recipient: { address: "bob@example.org" },
  subject: "Hello",
  body: "Hello, Bob",
};

/** Options; by default the broker confirms everything, and there is neither collector nor archive. */
export interface TestAppOptions extends
  Partial<
    Omit<AppOptions, "tracing" | "metrics" | "schedule" | "feed" | "readiness" | "bodies">
  > {
  /** The outcome of a publication. @default confirmed */
  readonly outcome?: () => PublishOutcome | Promise<PublishOutcome>;
  readonly maxSubscribers?: number;
  readonly readiness?: Readiness;
  /** The part of the traces that start here to be sampled. @default 1 */
  readonly sampleRatio?: number;
  /** How many bytes requests may hold together. @default no limit */
  readonly capacityBytes?: number;
  /** @default a minute */
  readonly bodyTimeoutMs?: number;
}

export type TestApp = ReturnType<typeof startTestApp>;

export function startTestApp(options: TestAppOptions = {}) {
  const { sampleRatio = 1, timer = () => () => {}, maxSubscribers } = options;
  const tracing = startTestTracing({ serviceName: "message-server", sampleRatio });
  const published: Publication[] = [];
  const feed = new CollectorFeed({
    reader: options.emails,
    timer,
    now: () => 0,
    ...(maxSubscribers === undefined ? {} : { maxSubscribers }),
  });
  const deadlines = new Deadlines(options.bodyTimeoutMs ?? 60_000);
  const app = createApp({
    isLocal: false,
    deadLetters: { act: () => Promise.resolve([]) },
    readQueues: () => Promise.resolve({ status: "unavailable", reason: "there is no broker" }),
    traceUrl: (traceId) => `http://127.0.0.1:9411/zipkin/traces/${traceId}`,
    ...options,
    tracing: tracing.tracing,
    metrics: new Metrics({ "service.name": "message-server" }),
    schedule: createScheduler(options, tracing.tracing, published),
    feed,
    timer,
    readiness: () => options.readiness ?? { ready: true },
    lostSpanCount: () => 0,
    bodies: {
      budget: new ByteBudget(options.capacityBytes ?? Infinity),
      deadlines,
    },
  });
  const request = async (path: string, init?: RequestInit) =>
    await app.request(`http://127.0.0.1:8080${path}`, init, {
      remoteAddr: { hostname: "127.0.0.2" },
    });
  const postBody = (body: BodyInit, headers: Readonly<Record<string, string>> = {}) =>
    request("/email", {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body,
    });
  return {
    app,
    request,
    post: (value: unknown, headers?: Readonly<Record<string, string>>) =>
      postBody(JSON.stringify(value), headers),
    postBody,
    feed,
    published,
    spans: tracing.exporter,
    [Symbol.asyncDispose]() {
      feed[Symbol.dispose]();
      deadlines[Symbol.dispose]();
      return tracing[Symbol.asyncDispose]();
    },
  };
}

function createScheduler(
  { outcome = () => ({ status: "confirmed" }) }: TestAppOptions,
  tracing: AppOptions["tracing"],
  published: Publication[],
): AppOptions["schedule"] {
  const publish = (publication: Publication) => {
    published.push(publication);
    return Promise.resolve().then(outcome);
  };
  return createEmailScheduler({
    publisher: tracedPublisher({ publish }, {
      tracing,
      spanName: "amqp-publish",
      node: () => ({ hostname: "127.0.0.1", port: 5672 }),
    }),
    messageIdDomain: "playground.invalid",
    appId: "message-server/test",
  });
}

export const TRACE_URL = "http://127.0.0.1:9411/zipkin/traces/463ac35c9f6413ad48485a3978bb5ecc";

/** A reader with the same answer for every email, which records the questions. */
export function readerOf(
  result: SpansResult,
  emails: readonly EmailSummary[] = [],
): EmailReader & { readonly asked: readonly unknown[] } {
  const asked: unknown[] = [];
  const answer = <Answer>(question: unknown, found: Answer) => {
    asked.push(question);
    return Promise.resolve(found);
  };
  const { status } = result;
  return {
    asked,
    recent: (...question) =>
      answer(question, status === "unavailable" ? result : { status: "found", emails }),
    trace: (...question) =>
      answer(
        question,
        status === "found"
          ? { status, trace: describeEmailTrace(question[0], result, TRACE_URL) }
          : result,
      ),
  };
}

/** The problem that a response tells. */
export async function problemOf(response: Response, status: number) {
  const text = await response.text();
  equal(response.status, status, text);
  equal(response.headers.get("content-type"), "application/problem+json");
  const problem = problemBody.strict().parse(JSON.parse(text));
  equal(problem.status, status);
  equal(problem.type, "about:blank");
  equal(/^[0-9a-f]{32}$/.test(problem.traceId), true, text);
  equal(problem.traceId, response.headers.get("X-B3-TraceId"));
  equal(/^[0-9a-f]{16}$/.test(response.headers.get("X-B3-SpanId") ?? ""), true);
  equal(/^Cannot [^:]+: .+; .+[^.]$/.test(problem.detail), true, problem.detail);
  equal(/\bat (?:async )?\S+ \(?file:|\.ts:\d/.test(text), false, text);
  return problem;
}
