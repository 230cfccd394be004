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

/** Who may log in. */
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

/** The broker's greeting. */
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

/** The limits that the broker proposes. */
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
): string {
  const { mechanism } = fields;
  const [, user, password] = fields.response.toString().split("\0");
  const isRight = mechanism === "PLAIN" && user === account.user && password === account.password;
  if (user === undefined || !isRight || faults.hit("rabbitmq.login")) {
    throw new AmqpError(
      403,
      `Login was refused using authentication mechanism ${mechanism}. ` +
        "For details see the broker logfile.",
    );
  }
  return user;
}

/** What a client can be told: that a consumer has ended, that no messages are taken for now. */
export type ClientCapability = "consumer_cancel_notify" | "connection.blocked";

/** Whether the client says that it understands something (https://www.rabbitmq.com/docs/consumer-cancel#capabilities). */
export function hasCapability(
  fields: ClientMethods["ConnectionStartOk"],
  name: ClientCapability,
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
  if (channelMax > CHANNEL_MAX) {
    throw new AmqpError(
      530,
      `negotiated channel_max = ${channelMax} is higher than the maximum allowed value (${CHANNEL_MAX})`,
    );
  }
  if (frameMaxBytes > FRAME_MAX_BYTES) {
    throw new AmqpError(
      530,
      `negotiated frame_max = ${frameMaxBytes} is higher than the maximum allowed value (${FRAME_MAX_BYTES})`,
    );
  }
  if (frameMaxBytes < FRAME_MIN_BYTES) {
    throw new AmqpError(
      530,
      `negotiated frame_max = ${frameMaxBytes} is lower than the minimum allowed value (${FRAME_MIN_BYTES})`,
    );
  }
  return { channelMax, frameMaxBytes, heartbeatMs: fields.heartbeat * 1000 };
}

/** Checks the virtual host: there is only `/`. */
export function checkVirtualHost(name: string): void {
  if (name !== "/") throw new AmqpError(530, `vhost ${name} not found`);
}
