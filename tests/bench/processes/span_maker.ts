/**
 * Makes spans as the message server does, so many as it is told, and measures the processor time of it.
 *
 * @module
 */
import process from "node:process";
import { setImmediate } from "node:timers/promises";
import { context, SpanKind } from "@opentelemetry/api";
import { EXCHANGE, publishAttributes, ROUTING_KEY } from "@playground/shared/amqp";
import { telemetryFrom } from "@playground/shared/testing";
import {
  b3Headers,
  createSpanProcessor,
  extractContext,
  type HeaderReader,
  Tracing,
} from "@playground/shared/tracing";
import { serveCommands, settingsOf } from "./command_server.ts";

/** How far the spans go; `nothing`: the same loop without spans. */
export type Stage = "nothing" | "unsampled" | "created" | "propagated" | "exported";

export interface SpanCommand {
  readonly stage: Stage;
  readonly count: number;
}

export interface SpanResult {
  /** Processor time of each span, all threads included. */
  readonly microseconds: number;
}

/** So many spans are made before the event loop has a turn: as many as there are connections in the other measurements. */
const BATCH = 64;
const options = { messageId: crypto.randomUUID() };
const PUBLICATION = { exchange: EXCHANGE, routingKey: ROUTING_KEY, options };
const NODE = { hostname: "127.0.0.1", port: 5672 };
const CALLER = [
  ["x-b3-traceid", "0af7651916cd43dd8448eb211c80319c"],
  ["x-b3-spanid", "b7ad6b7169203331"],
] as const;
const SAMPLED = headersOf([...CALLER, ["x-b3-sampled", "1"]]);
const UNSAMPLED = headersOf([...CALLER, ["x-b3-sampled", "0"]]);

const { zipkinUrl } = settingsOf<{ readonly zipkinUrl: string }>();

await serveCommands(async ({ stage, count }: SpanCommand): Promise<SpanResult> => {
  const processor = await createSpanProcessor(telemetryFrom({
    OTEL_TRACES_EXPORTER: stage === "exported" ? "zipkin" : "none",
    ZIPKIN_URL: zipkinUrl,
  }));
  const tracing = new Tracing({ serviceName: "message-server", sampleRatio: 1, processor });
  const before = process.cpuUsage();
  for (let made = 0; made < count; made += BATCH) {
    await Promise.all(Array.from({ length: BATCH }, () => makeSpan(tracing, stage)));
    await setImmediate();
  }
  await tracing[Symbol.asyncDispose]();
  const { user, system } = process.cpuUsage(before);
  if (tracing.lostSpanCount > 0) throw new Error(`${tracing.lostSpanCount} spans were lost`);
  return { microseconds: (user + system) / count };
});

function headersOf(entries: Iterable<readonly [string, string]>): HeaderReader {
  const headers = new Map(entries);
  return (name) => headers.get(name);
}

async function makeSpan(tracing: Tracing, stage: Stage): Promise<void> {
  if (stage === "nothing") return await Promise.resolve();
  const propagates = stage !== "created";
  await tracing.inSpan("amqp-publish", {
    kind: SpanKind.PRODUCER,
    attributes: publishAttributes(PUBLICATION, NODE),
    ...(propagates ? { parent: extractContext(stage === "unsampled" ? UNSAMPLED : SAMPLED) } : {}),
  }, async () => {
    if (propagates) b3Headers(context.active());
    await Promise.resolve();
  });
}
