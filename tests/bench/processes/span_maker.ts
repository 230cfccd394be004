/**
 * Makes spans as the message server does, so many as it is told, and measures the processor time of it.
 *
 * @module
 */
import process from "node:process";
import { context, SpanKind } from "@opentelemetry/api";
import { publishAttributes } from "@playground/shared/amqp";
import {
  b3Headers,
  createSpanProcessor,
  extractContext,
  type HeaderReader,
  Tracing,
} from "@playground/shared/tracing";
import { serveCommands, settingsOf } from "./serve_commands.ts";

/** How far the spans go. */
export const STAGES = ["nothing", "unsampled", "created", "propagated", "exported"] as const;

/** One of {@linkcode STAGES}. */
export type Stage = typeof STAGES[number];

/** What to do. */
export interface SpanCommand {
  /** How far the spans go; `nothing`: the same loop without spans. */
  readonly stage: Stage;
  /** How many. */
  readonly count: number;
}

/** What it took. */
export interface SpanResult {
  /** Processor time of each span, all threads included, in microseconds. */
  readonly microseconds: number;
}

const CALLER: ReadonlyMap<string, string> = new Map([
  ["x-b3-traceid", "0af7651916cd43dd8448eb211c80319c"],
  ["x-b3-spanid", "b7ad6b7169203331"],
  ["x-b3-sampled", "1"],
]);
const readCaller: HeaderReader = (name) => CALLER.get(name);
const readUnsampled: HeaderReader = (name) => name === "x-b3-sampled" ? "0" : CALLER.get(name);

const PUBLICATION = {
  exchange: "rpc",
  routingKey: "send.email",
  options: { messageId: crypto.randomUUID() },
};
const NODE = { hostname: "127.0.0.1", port: 5672 };
/** So many spans are made before the event loop has a turn: as many as there are connections in the other measurements. */
const BATCH = 64;

const { zipkinUrl } = settingsOf<{ readonly zipkinUrl: string }>();
const processorOf = async (name: "none" | "zipkin") =>
  await createSpanProcessor({
    name,
    zipkinUrl: new URL(zipkinUrl),
    otlpUrl: new URL("http://127.0.0.1:4318"),
  });

await serveCommands(async ({ stage, count }: SpanCommand): Promise<SpanResult> => {
  const processor = await processorOf(stage === "exported" ? "zipkin" : "none");
  const tracing = new Tracing({ serviceName: "message-server", sampleRatio: 1, processor });
  const before = process.cpuUsage();
  for (let made = 0; made < count; made += BATCH) {
    await Promise.all(Array.from({ length: BATCH }, () => once(tracing, stage)));
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  await tracing[Symbol.asyncDispose]();
  const { user, system } = process.cpuUsage(before);
  if (tracing.lostSpanCount > 0) throw new Error(`${tracing.lostSpanCount} spans were lost`);
  return { microseconds: (user + system) / count };
});

async function once(tracing: Tracing, stage: Stage): Promise<void> {
  if (stage === "nothing") return await Promise.resolve();
  const propagates = stage !== "created";
  await tracing.inSpan("amqp-publish", {
    kind: SpanKind.PRODUCER,
    attributes: publishAttributes(PUBLICATION, NODE),
    ...(propagates
      ? { parent: extractContext(stage === "unsampled" ? readUnsampled : readCaller) }
      : {}),
  }, async () => {
    if (propagates) b3Headers(context.active());
    await Promise.resolve();
  });
}
