/**
 * The ceiling of publishing: amqplib and nothing else. So many messages as are to be outstanding are on their way at all times,
 * and the next one goes out when one is confirmed.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { messageOptions } from "@playground/shared/amqp";
import { connect } from "amqplib";
import { emailSample } from "../email_sample.ts";
import { serveCommands, settingsOf } from "./serve_commands.ts";

/** What to publish. */
export interface PublishCommand {
  /** The exchange. */
  readonly exchange: string;
  /** The routing key. */
  readonly routingKey: string;
  /** How many messages. */
  readonly count: number;
  /** How many are unconfirmed at a time. */
  readonly outstanding: number;
}

/** What came of it. */
export interface PublishResult {
  /** How long it took until all were confirmed. */
  readonly seconds: number;
}

const { amqpUrl } = settingsOf<{ readonly amqpUrl: string }>();
const connection = await connect(amqpUrl);
const channel = await connection.createConfirmChannel();
const content = Buffer.from(JSON.stringify(emailSample()));

/** All that the message server writes into a message. */
const options = messageOptions({
  emailId: crypto.randomUUID(),
  acceptedAtSeconds: Math.floor(Date.now() / 1000),
  appId: "message-server/0.0.0",
  headers: {
    "x-attempt": 1,
    "x-mail-message-id": `<${crypto.randomUUID()}@playground.invalid>`,
    "X-B3-TraceId": "0af7651916cd43dd8448eb211c80319c",
    "X-B3-SpanId": "b7ad6b7169203331",
    "X-B3-ParentSpanId": "00f067aa0ba902b7",
    "X-B3-Sampled": "1",
    "x-published-at-us": String(Date.now() * 1000),
  },
});

await serveCommands(async (command: PublishCommand): Promise<PublishResult> => {
  const done = Promise.withResolvers<void>();
  let toPublish = command.count;
  let toConfirm = command.count;
  const publish = () => {
    if (toPublish-- > 0) {
      channel.publish(command.exchange, command.routingKey, content, options, confirmed);
    }
  };
  const confirmed = (error: Error | null) => {
    if (error !== null) done.reject(error);
    if (--toConfirm === 0) done.resolve();
    publish();
  };
  const startedAt = performance.now();
  for (let index = 0; index < command.outstanding; index++) publish();
  await done.promise;
  return { seconds: (performance.now() - startedAt) / 1000 };
});
