import { Buffer } from "node:buffer";
import type { Faults } from "../faults/registry.ts";
import { AmqpError } from "./amqp_error.ts";
import type { BrokerMethods, ClientMethods } from "./methods.ts";
import { FRAME_MAX_BYTES } from "./frames.ts";

/** The largest channel number: RabbitMQ's default. */
const CHANNEL_MAX = 2047;

/** The heartbeat that the broker proposes, in seconds: RabbitMQ's default. */
const HEARTBEAT_SECONDS = 60;

/** The smallest frame limit that a client may ask for, in bytes (AMQP 0-9-1, `frame-min-size`). */
const FRAME_MIN_BYTES = 4096;

export interface Account {
  readonly user: string;
  readonly password: string;
}

/** The limits that both sides agreed to. */
export interface Limits {
  readonly channelMax: number;
  readonly frameMaxBytes: number;
  /** The heartbeat's interval, in milliseconds; 0 for none. */
  readonly heartbeatMs: number;
}

export const START: BrokerMethods["ConnectionStart"] = {
  versionMajor: 0,
  versionMinor: 9,
  serverProperties: {
    product: "Tracing Playground",
    information: "Embedded stand-in for RabbitMQ",
    platform: `Deno/${Deno.version.deno}`,
    capabilities: {
      publisher_confirms: true,
      "basic.nack": true,
      consumer_cancel_notify: true,
      "connection.blocked": true,
      authentication_failure_close: true,
      per_consumer_qos: true,
    },
  },
  mechanisms: Buffer.from("PLAIN"),
  locales: Buffer.from("en_US"),
};

export const TUNE: BrokerMethods["ConnectionTune"] = {
  channelMax: CHANNEL_MAX,
  frameMax: FRAME_MAX_BYTES,
  heartbeat: HEARTBEAT_SECONDS,
};

/** Checks the credentials (SASL PLAIN, RFC 4616). */
export function authenticate(
  fields: ClientMethods["ConnectionStartOk"],
  account: Account,
  faults: Faults,
): void {
  const { mechanism } = fields;
  const [, user, password] = fields.response.toString().split("\0");
  const isRight = mechanism === "PLAIN" && user === account.user && password === account.password;
  if (!isRight || faults.hit("rabbitmq.login")) {
    const detail = `Login was refused using authentication mechanism ${mechanism}`;
    throw new AmqpError(403, `${detail}. For details see the broker logfile.`);
  }
}

/** Whether the client says that it understands something (https://www.rabbitmq.com/docs/consumer-cancel#capabilities). */
export function hasCapability(
  fields: ClientMethods["ConnectionStartOk"],
  name: "consumer_cancel_notify" | "connection.blocked",
): boolean {
  const { capabilities } = fields.clientProperties;
  return Object.entries(Object(capabilities)).some(([key, value]) =>
    key === name && value === true
  );
}

/** Checks the limits that the client chose; 0 means no limit of its own. */
export function negotiate(fields: ClientMethods["ConnectionTuneOk"]): Limits {
  const channelMax = fields.channelMax || CHANNEL_MAX;
  const frameMaxBytes = fields.frameMax || FRAME_MAX_BYTES;
  const problem = channelMax > CHANNEL_MAX
    ? `channel_max = ${channelMax} is higher than the maximum allowed value (${CHANNEL_MAX})`
    : frameMaxBytes > FRAME_MAX_BYTES
    ? `frame_max = ${frameMaxBytes} is higher than the maximum allowed value (${FRAME_MAX_BYTES})`
    : frameMaxBytes < FRAME_MIN_BYTES
    ? `frame_max = ${frameMaxBytes} is lower than the minimum allowed value (${FRAME_MIN_BYTES})`
    : undefined;
  if (problem !== undefined) throw new AmqpError(530, `negotiated ${problem}`);
  return { channelMax, frameMaxBytes, heartbeatMs: fields.heartbeat * 1000 };
}

/** Checks the virtual host: there is only `/`. */
export function checkVirtualHost(name: string): void {
  if (name !== "/") throw new AmqpError(530, `vhost ${name} not found`);
}
