import { type EmailState } from "@playground/server/trace-view";
import type { Environment } from "@playground/shared/configuration";
import type { ZipkinSpan } from "@playground/shared/tracing/zipkin-span";
import { type PassingSystem, startPassingSystem } from "@playground/tasks/dev";
import { MessageServerClient } from "@playground/tasks/message-server";
import { MongoClient } from "mongodb";

/** A running system for tests: three services as processes, with stand-ins or beside real components. */
export interface TestSystem extends PassingSystem {
  /** Posts emails and reads traces. */
  readonly client: MessageServerClient;
  /** The archived documents, or those that match. */
  readonly archived: (filter?: Readonly<Record<string, unknown>>) => Promise<ArchivedMail[]>;
}

/** The part of an archived document that tests look at. */
export interface ArchivedMail {
  /** Its content address. */
  readonly _id: string;
  /** The email's id. */
  readonly emailId: string | null;
  /** Its Message-ID. */
  readonly messageId: string | null;
  /** Who it is from. */
  readonly from: { readonly address: string; readonly name: string } | null;
  /** Who it is for. */
  readonly to: readonly { readonly address: string; readonly name: string }[];
  /** Its subject. */
  readonly subject: string | null;
  /** Its Date. */
  readonly date: Date | null;
  /** Its text. */
  readonly text: string | null;
  /** Its bytes. */
  readonly raw: { readonly buffer: Uint8Array } | null;
  /** Why it could not be read. */
  readonly parseError: string | null;
  /** How it came. */
  readonly deliveries: readonly { readonly mailtrapId: number; readonly receivedAt: Date }[];
  /** The span that it carries. */
  readonly trace: { readonly traceId: string; readonly spanId: string } | null;
  /** The trace of the poll that stored it. */
  readonly pollTraceId: string | null;
}

/** What tests know of an email's trace. */
export interface TraceSnapshot {
  /** Where the email is. */
  readonly state: EmailState;
  /** Its spans. */
  readonly spans: readonly ZipkinSpan[];
}

/** How to start a system for tests. */
export interface TestSystemOptions {
  /** What would stand in `.env`. */
  readonly settings?: Environment;
  /** A state folder to use again; without it, a temporary one that goes with the system. */
  readonly stateDirectory?: string;
}

/** Starts a system on free ports. */
export async function startTestSystem(options: TestSystemOptions = {}): Promise<TestSystem> {
  await using resources = new AsyncDisposableStack();
  const { system, lines } = resources.use(
    await startPassingSystem({
      settings: options.settings ?? {},
      stateDirectory: options.stateDirectory,
      signal: AbortSignal.timeout(60_000),
    }),
  );
  const mongo = resources.adopt(new MongoClient(system.urls.mongodb), (client) => client.close());
  const running = resources.move();
  return {
    system,
    lines,
    client: new MessageServerClient(new URL(system.urls.messageServer), undefined),
    archived: (filter = {}) =>
      mongo.db(databaseOf(system.urls.mongodb)).collection<ArchivedMail>("raw").find(filter)
        .toArray(),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** Reads the trace of an email over and over, until it is as expected. */
export async function traceUntil(
  client: MessageServerClient,
  traceId: string,
  isReached: (trace: TraceSnapshot) => boolean,
  timeoutMs = 30_000,
): Promise<TraceSnapshot> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const result = await client.readTrace(traceId);
    if (result.status === "found" && isReached(result)) return result;
    if (performance.now() > deadline) {
      throw new Error(
        `The trace ${traceId} did not become as expected: ${JSON.stringify(result, null, 1)}`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/**
 * Tells whether a trace has its beginning and each span's parent: its spans come from three processes, each in its own time.
 */
export function isWhole(spans: readonly ZipkinSpan[]): boolean {
  const ids = new Set(spans.map(({ id }) => id));
  const names = new Set(spans.map(({ name }) => name));
  return names.has("schedule-email") &&
    spans.filter(({ name }) => name === "amqp-publish").length === 2 &&
    spans.every(({ parentId }) => parentId === undefined || ids.has(parentId));
}

function databaseOf(url: string): string {
  return new URL(url).pathname.slice(1);
}
