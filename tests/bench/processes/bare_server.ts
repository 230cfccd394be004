/**
 * The ceilings of accepting: a Hono route that reads and validates an email and answers 202. With a broker it also publishes the
 * email with amqplib and waits for the confirm, the same work as the message server's and nothing around it; and on command it
 * publishes with amqplib alone, so many messages unconfirmed at all times.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { Hono } from "@hono/hono";
import { EXCHANGE, ROUTING_KEY } from "@playground/shared/amqp";
import { parseEmailDocument } from "@playground/shared/email";
import { connect } from "amqplib";
import { serveCommands, settingsOf } from "./command_server.ts";
import { emailSample, messageSample } from "../load/samples.ts";

export interface BareServerSettings {
  /** Absent: nothing is published. */
  readonly amqpUrl?: string;
}

/** Publishes so many messages, some of which are unconfirmed at a time; tells in seconds how long it took. */
export interface PublishCommand {
  readonly count: number;
  readonly outstanding: number;
}

const { amqpUrl } = settingsOf<BareServerSettings>();
const channel = amqpUrl === undefined
  ? undefined
  : await (await connect(amqpUrl)).createConfirmChannel();

async function publish(content: Buffer, options: ReturnType<typeof messageSample>): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  channel?.publish(
    EXCHANGE,
    ROUTING_KEY,
    content,
    options,
    (error: Error | null) => error === null ? resolve() : reject(error),
  );
  await promise;
}

const app = new Hono();
app.post("/email", async (c) => {
  const parsed = parseEmailDocument(await c.req.json());
  if (!parsed.ok) return c.json(parsed.problems, 422);
  const id = crypto.randomUUID();
  if (channel !== undefined) {
    await publish(Buffer.from(JSON.stringify(parsed.document)), messageSample(id));
  }
  return c.json({ id }, 202);
});

const CONTENT = Buffer.from(JSON.stringify(emailSample()));
/** All that the message server writes into a message. */
const OPTIONS = messageSample(crypto.randomUUID(), {
  "X-B3-TraceId": "0af7651916cd43dd8448eb211c80319c",
  "X-B3-SpanId": "b7ad6b7169203331",
  "X-B3-ParentSpanId": "00f067aa0ba902b7",
  "X-B3-Sampled": "1",
  "x-published-at-us": String(Date.now() * 1000),
});

await serveCommands(async ({ count, outstanding }: PublishCommand): Promise<number> => {
  let toPublish = count;
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: outstanding }, async () => {
    while (toPublish-- > 0) await publish(CONTENT, OPTIONS);
  }));
  return (performance.now() - startedAt) / 1000;
}, app.fetch);
