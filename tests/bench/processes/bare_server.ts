/**
 * The ceiling of accepting: a Hono route that publishes an email with amqplib, waits for the confirm and answers 202. It checks,
 * logs and traces nothing. On command it publishes with amqplib alone, with a fixed number of unconfirmed messages.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { Hono } from "@hono/hono";
import { EXCHANGE, messageOptions, ROUTING_KEY } from "@playground/shared/amqp";
import { connect, type Options } from "amqplib";
import { serveCommands, settingsOf } from "./command_server.ts";
import { emailSample, messageIdSample } from "../load/samples.ts";

/** How many messages are unconfirmed at all times: as many as the message server has at once. */
const OUTSTANDING = 64;

/** Publishes this many messages; returns how long it took, in seconds. */
export interface PublishCommand {
  readonly count: number;
}

const { amqpUrl } = settingsOf<{ readonly amqpUrl: string }>();
const channel = await (await connect(amqpUrl)).createConfirmChannel();

function publish(content: Buffer, options: Options.Publish): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  channel.publish(
    EXCHANGE,
    ROUTING_KEY,
    content,
    options,
    (error: Error | null) => error === null ? resolve() : reject(error),
  );
  return promise;
}

const app = new Hono();
app.post("/email", async (c) => {
  const email = await c.req.json();
  const id = crypto.randomUUID();
  await publish(Buffer.from(JSON.stringify(email)), {
    persistent: true,
    contentType: "application/json",
    messageId: id,
  });
  return c.json({ id }, 202);
});

const CONTENT = Buffer.from(JSON.stringify(emailSample()));
const ID = crypto.randomUUID();
/** All that the message server writes into a message. */
const OPTIONS = messageOptions({
  emailId: ID,
  acceptedAtSeconds: Math.floor(Date.now() / 1000),
  appId: "message-server/0.0.0",
  headers: {
    "x-attempt": 1,
    "x-mail-message-id": messageIdSample(ID),
    "X-B3-TraceId": "0af7651916cd43dd8448eb211c80319c",
    "X-B3-SpanId": "b7ad6b7169203331",
    "X-B3-ParentSpanId": "00f067aa0ba902b7",
    "X-B3-Sampled": "1",
    "x-published-at-us": String(Date.now() * 1000),
  },
});

await serveCommands(async ({ count }: PublishCommand): Promise<number> => {
  let toPublish = count;
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: OUTSTANDING }, async () => {
    while (toPublish-- > 0) await publish(CONTENT, OPTIONS);
  }));
  return (performance.now() - startedAt) / 1000;
}, app.fetch);
