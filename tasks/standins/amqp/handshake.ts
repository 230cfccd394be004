import { Buffer } from "node:buffer";
import type { Faults } from "../faults/registry.ts";
import { AmqpError } from "./amqp_error.ts";
import { FRAME_MAX_BYTES } from "./codec.ts";
import type { BrokerMethods, ClientMethods } from "./methods.ts";

export interface Account {
  readonly user: string;
  readonly password: string;
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

/** The largest numbers that a client may agree to, and the heartbeat that is proposed, in seconds: RabbitMQ's defaults. */
export const TUNE: BrokerMethods["ConnectionTune"] = {
  channelMax: 2047,
  frameMax: FRAME_MAX_BYTES,
  heartbeat: 60,
};

/** The smallest frame limit that a client may ask for, in bytes (AMQP 0-9-1, `frame-min-size`). */
const FRAME_MIN_BYTES = 4096;

/** Checks the credentials (SASL PLAIN, RFC 4616). */
export function authenticate(
  { mechanism, response }: ClientMethods["ConnectionStartOk"],
  account: Account,
  faults: Faults,
): void {
  const [, user, password] = response.toString().split("\0");
  const isRight = mechanism === "PLAIN" && user === account.user && password === account.password;
  if (!isRight || faults.hit("rabbitmq.login")) {
    const detail = `Login was refused using authentication mechanism ${mechanism}`;
    throw new AmqpError(403, `${detail}. For details see the broker logfile.`);
  }
}

/** The client's capabilities (https://www.rabbitmq.com/docs/consumer-cancel#capabilities). */
export function capabilitiesOf(fields: ClientMethods["ConnectionStartOk"]): ReadonlySet<string> {
  const entries = Object.entries(Object(fields.clientProperties.capabilities));
  return new Set(entries.filter(([, value]) => value === true).map(([name]) => name));
}

/** The limits that the client chose; 0 means no limit of its own. */
export function negotiate(
  { channelMax, frameMax, heartbeat }: ClientMethods["ConnectionTuneOk"],
): BrokerMethods["ConnectionTune"] {
  const limits = {
    channelMax: channelMax || TUNE.channelMax,
    frameMax: frameMax || TUNE.frameMax,
    heartbeat,
  };
  const isTooMuch = limits.channelMax > TUNE.channelMax || limits.frameMax > TUNE.frameMax;
  if (isTooMuch || limits.frameMax < FRAME_MIN_BYTES) {
    throw new AmqpError(530, `negotiated ${JSON.stringify(limits)} is not what was proposed`);
  }
  return limits;
}
