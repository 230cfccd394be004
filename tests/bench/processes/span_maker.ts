/**
 * Makes a given number of spans, log lines and metrics like the message server's, and measures the processor time.
 *
 * @module
 */
import process from "node:process";
import { setImmediate } from "node:timers/promises";
import { Hono } from "@hono/hono";
import { context, SpanKind } from "@opentelemetry/api";
import { measureRequests } from "@playground/server/measured-requests";
import {
  EXCHANGE,
  measuredPublisher,
  publishAttributes,
  ROUTING_KEY,
} from "@playground/shared/amqp";
import { getLogger, startLogging } from "@playground/shared/logging";
import { Metrics } from "@playground/shared/metrics";
import { telemetryFrom } from "@playground/shared/testing/telemetry";
import {
  b3Headers,
  createSpanProcessor,
  extractContext,
  type HeaderReader,
  Tracing,
} from "@playground/shared/tracing";
import { serveCommands, settingsOf } from "./command_server.ts";

export type Stage =
  /** The same loop without spans. */
  | "nothing"
  | "unsampled"
  | "created"
  | "propagated"
  | "exported"
  /** Exported, with a log line in each span. */
  | "logged"
  /** The log line is an annotation, too. */
  | "annotated"
  /** No span: a request is answered when its email is published. */
  | "answered"
  /** Both are measured. */
  | "measured";

export interface SpanCommand {
  readonly stage: Stage;
  readonly count: number;
}

/** How many are made per turn of the event loop: the number of connections in other measurements. */
const BATCH = 64;
const EXPORTED: readonly Stage[] = ["exported", "logged", "annotated"];
const LOGGED: readonly Stage[] = ["logged", "annotated"];
const ID = crypto.randomUUID();
const PUBLICATION = {
  exchange: EXCHANGE,
  routingKey: ROUTING_KEY,
  content: new Uint8Array(),
  options: { messageId: ID },
};
const NODE = { hostname: "127.0.0.1", port: 5672 };
const CALLER = [
  ["x-b3-traceid", "0af7651916cd43dd8448eb211c80319c"],
  ["x-b3-spanid", "b7ad6b7169203331"],
] as const;
const SAMPLED = headersOf([...CALLER, ["x-b3-sampled", "1"]]);
const UNSAMPLED = headersOf([...CALLER, ["x-b3-sampled", "0"]]);
const REQUEST = new Request("http://127.0.0.1/email", { method: "POST" });

const { zipkinUrl } = settingsOf<{ readonly zipkinUrl: string }>();
const logger = getLogger(["message-server"]);
const apps = {
  answered: emailApp(),
  measured: emailApp(new Metrics({ "service.name": "message-server" })),
};
// A reader of the log lines would be measured, too.
console.info = () => {};

/** Returns the processor time of each span or request in microseconds, all threads included. */
await serveCommands(async ({ stage, count }: SpanCommand): Promise<number> => {
  const telemetry = telemetryFrom({
    OTEL_TRACES_EXPORTER: EXPORTED.includes(stage) ? "zipkin" : "none",
    ZIPKIN_URL: zipkinUrl,
    TRACE_LOGS: stage === "annotated" ? "on" : "off",
  });
  await startLogging({ LOG_LEVEL: "info", LOG_FORMAT: "pretty" }, telemetry);
  const processor = await createSpanProcessor(telemetry);
  const tracing = new Tracing({ serviceName: "message-server", sampleRatio: 1, processor });
  const before = process.cpuUsage();
  for (let made = 0; made < count; made += BATCH) {
    await Promise.all(Array.from({ length: BATCH }, () => make(tracing, stage)));
    await setImmediate();
  }
  await tracing[Symbol.asyncDispose]();
  const { user, system } = process.cpuUsage(before);
  if (tracing.lostSpanCount > 0) throw new Error(`${tracing.lostSpanCount} spans were lost`);
  return (user + system) / count;
});

function headersOf(entries: Iterable<readonly [string, string]>): HeaderReader {
  const headers = new Map(entries);
  return (name) => headers.get(name);
}

/** A route that publishes to a broker which confirms at once. */
function emailApp(metrics?: Metrics): Hono {
  const bare = { publish: () => Promise.resolve({ status: "confirmed" } as const) };
  const publisher = metrics === undefined ? bare : measuredPublisher(bare, {
    metrics,
    node: () => ({ hostname: "127.0.0.1", port: 5672 }),
  });
  const app = new Hono();
  // Hono is faster without middleware, and the message server has some.
  app.use(async (_c, next) => await next());
  if (metrics !== undefined) app.use(measureRequests(metrics));
  return app.post("/email", async (c) => {
    await publisher.publish(PUBLICATION);
    return c.body(null, 202);
  });
}

async function make(tracing: Tracing, stage: Stage): Promise<void> {
  switch (stage) {
    case "nothing":
      return await Promise.resolve();
    case "answered":
    case "measured":
      await apps[stage].fetch(REQUEST);
      return;
    default:
      return await makeSpan(tracing, stage);
  }
}

async function makeSpan(tracing: Tracing, stage: Stage): Promise<void> {
  const propagates = stage !== "created";
  await tracing.inSpan("amqp-publish", {
    kind: SpanKind.PRODUCER,
    attributes: publishAttributes(PUBLICATION, NODE),
    ...(propagates ? { parent: extractContext(stage === "unsampled" ? UNSAMPLED : SAMPLED) } : {}),
  }, async () => {
    if (propagates) b3Headers(context.active());
    if (LOGGED.includes(stage)) logger.info("Accepted email {id}", { id: ID });
    await Promise.resolve();
  });
}
