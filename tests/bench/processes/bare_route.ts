/**
 * The ceiling of answering: a Hono route that reads and validates an email and answers 202. With a broker it also publishes the
 * email with amqplib and waits for the confirm: the same work as the message server's, and nothing around it.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { Hono } from "@hono/hono";
import { EXCHANGE, messageOptions, ROUTING_KEY } from "@playground/shared/amqp";
import { messageIdOf, parseEmailDocument } from "@playground/shared/email";
import { connect } from "amqplib";
import { serveCommands, settingsOf } from "./serve_commands.ts";

const { amqpUrl } = settingsOf<{ readonly amqpUrl?: string }>();
const channel = amqpUrl === undefined
  ? undefined
  : await (await connect(amqpUrl)).createConfirmChannel();

const app = new Hono();
app.post("/email", async (c) => {
  const parsed = parseEmailDocument(await c.req.json());
  if (!parsed.ok) return c.json(parsed.problems, 422);
  const id = crypto.randomUUID();
  if (channel !== undefined) {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    channel.publish(
      EXCHANGE,
      ROUTING_KEY,
      Buffer.from(JSON.stringify(parsed.document)),
      messageOptions({
        emailId: id,
        acceptedAtSeconds: Math.floor(Date.now() / 1000),
        appId: "message-server/0.0.0",
        headers: { "x-attempt": 1, "x-mail-message-id": messageIdOf(id, "playground.invalid") },
      }),
      (error: Error | null) => error === null ? resolve() : reject(error),
    );
    await promise;
  }
  return c.json({ id }, 202);
});
const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, app.fetch);
await serveCommands(() => {}, { url: `http://127.0.0.1:${server.addr.port}` });
