/**
 * The message server's application for tests: everything around it is a fake, requests need no socket.
 *
 * @module
 */
import { equal } from "node:assert/strict";
import type { Publication, Publisher, PublishOutcome } from "@playground/shared/amqp";
import { tracedPublisher } from "@playground/shared/amqp";
import type { EmailDocument } from "@playground/shared/email";
import type { Readiness } from "@playground/shared/lifecycle";
import { startTestTracing, type TestTracing } from "@playground/shared/testing";
import { createApp } from "../app.ts";
import { createEmailScheduler } from "../email_scheduler.ts";
import type { ReadMail } from "../archive_client.ts";
import { ByteBudget } from "../byte_budget.ts";
import { CollectorFeed, type Timer } from "../live/mod.ts";
import { describeEmailTrace, type EmailReader, type SpansResult } from "../trace_view/mod.ts";

export const DOCUMENT: EmailDocument = {
  sender: { address: "alice@example.com", display: "Alice" },
  recipient: { address: "bob@example.org" },
  subject: "Hello",
  body: "Hello, Bob",
};

/** The id of an email without an `Idempotency-Key`. */
export const NEW_ID = "0190d6f2-8c1a-7a60-8000-000000000001";

export interface TestAppOptions {
  readonly outcome?: () => PublishOutcome | Promise<PublishOutcome>;
  readonly emails?: EmailReader;
  readonly readMail?: ReadMail;
  readonly faultsUrl?: URL;
  readonly timer?: Timer;
  readonly maxSubscribers?: number;
  readonly readiness?: Readiness;
  readonly apiToken?: string;
  readonly isLocal?: boolean;
  /** The part of the traces that start here to be sampled. @default 1 */
  readonly sampleRatio?: number;
  /** The address at which people see a trace. @default one at a Zipkin */
  readonly traceUrl?: (traceId: string) => string | undefined;
  readonly capacityBytes?: number;
  /** How long a body may take to arrive, in milliseconds. @default a minute */
  readonly bodyTimeoutMs?: number;
}

/** The application, and what came out of it on its other sides. */
export interface TestApp extends AsyncDisposable {
  readonly app: ReturnType<typeof createApp>;
  readonly request: (path: string, init?: RequestInit) => Promise<Response>;
  readonly post: (value: unknown, headers?: Readonly<Record<string, string>>) => Promise<Response>;
  /** Posts something that says it is JSON. */
  readonly postBody: (body: BodyInit) => Promise<Response>;
  readonly feed: CollectorFeed;
  readonly published: readonly Publication[];
  readonly spans: TestTracing["exporter"];
}

export function startTestApp(options: TestAppOptions = {}): TestApp {
  const {
    outcome = () => ({ status: "confirmed" } as const),
    readiness = { ready: true },
    sampleRatio = 1,
    timer = () => () => {},
  } = options;
  const { tracing, exporter, ...test } = startTestTracing({
    serviceName: "message-server",
    sampleRatio,
  });
  const published: Publication[] = [];
  const publisher: Publisher = {
    publish: (publication) => {
      published.push(publication);
      return Promise.resolve().then(outcome);
    },
  };
  const feed = new CollectorFeed({
    reader: options.emails,
    timer,
    now: () => 0,
    ...(options.maxSubscribers === undefined ? {} : { maxSubscribers: options.maxSubscribers }),
  });
  const app = createApp({
    tracing,
    schedule: createEmailScheduler({
      publisher: tracedPublisher(publisher, {
        tracing,
        spanName: "amqp-publish",
        node: () => ({ hostname: "127.0.0.1", port: 5672 }),
      }),
      messageIdDomain: "playground.invalid",
      appId: "message-server/test",
      now: () => 1_700_000_000_999,
      newId: () => NEW_ID,
    }),
    emails: options.emails,
    feed,
    timer,
    readMail: options.readMail,
    faultsUrl: options.faultsUrl,
    readiness: () => readiness,
    lostSpanCount: () => 0,
    traceUrl: options.traceUrl ??
      ((traceId) => `http://127.0.0.1:9411/zipkin/traces/${traceId}`),
    apiToken: options.apiToken,
    isLocal: options.isLocal ?? false,
    bodies: {
      budget: new ByteBudget({ capacityBytes: options.capacityBytes ?? Infinity }),
      timeoutMs: options.bodyTimeoutMs ?? 60_000,
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
    post: (value, headers) => postBody(JSON.stringify(value), headers),
    postBody,
    feed,
    published,
    spans: exporter,
    [Symbol.asyncDispose]() {
      feed[Symbol.dispose]();
      return test[Symbol.asyncDispose]();
    },
  };
}

/** A reader that knows of every email the same. */
export function readerOf(result: SpansResult): EmailReader {
  return {
    recent: () =>
      Promise.resolve(
        result.status === "unavailable" ? result : { status: "found", emails: [] },
      ),
    trace: (traceId) =>
      Promise.resolve(
        result.status === "found"
          ? {
            status: "found",
            trace: describeEmailTrace(traceId, result, TRACE_URL),
          }
          : result,
      ),
  };
}

export const TRACE_URL = "http://127.0.0.1:9411/zipkin/traces/463ac35c9f6413ad48485a3978bb5ecc";

/** An error answer, as a caller reads it. */
export interface ProblemBody {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly traceId: string;
  readonly errors?: readonly { readonly pointer: string; readonly detail: string }[];
}

/** Reads an error answer and checks what all of them have in common. */
export async function problemOf(response: Response, status: number): Promise<ProblemBody> {
  const text = await response.text();
  equal(response.status, status, text);
  equal(response.headers.get("content-type"), "application/problem+json");
  const problem: ProblemBody = JSON.parse(text);
  equal(problem.status, status);
  equal(problem.type, "about:blank");
  equal(/^[0-9a-f]{32}$/.test(problem.traceId), true, text);
  equal(problem.traceId, response.headers.get("X-B3-TraceId"));
  equal(/^[0-9a-f]{16}$/.test(response.headers.get("X-B3-SpanId") ?? ""), true);
  equal(/^Cannot [^:]+: .+; .+[^.]$/.test(problem.detail), true, problem.detail);
  equal(/\bat (?:async )?\S+ \(?file:|\.ts:\d/.test(text), false, text);
  return problem;
}
