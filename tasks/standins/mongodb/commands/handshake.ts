import { CommandError, unsupported } from "../errors.ts";
import { MAX_DOCUMENT_BYTES } from "../store/collection.ts";
import { MAX_MESSAGE_BYTES } from "../wire/framing.ts";
import { reply } from "./command.ts";

/** The version whose behaviour is the model. Its wire version is 21 (MongoDB specifications, "Wire Version"). */
const VERSION = [7, 0, 0];

/** `hello` and its old name `isMaster`: a standalone server, so that drivers neither retry writes nor offer transactions. */
export function hello(): Uint8Array {
  return reply({
    isWritablePrimary: true,
    ismaster: true,
    helloOk: true,
    maxBsonObjectSize: MAX_DOCUMENT_BYTES,
    maxMessageSizeBytes: MAX_MESSAGE_BYTES,
    maxWriteBatchSize: 100_000,
    localTime: new Date(),
    logicalSessionTimeoutMinutes: 30,
    connectionId: 1,
    minWireVersion: 0,
    maxWireVersion: 21,
    readOnly: false,
  });
}

export function buildInfo(): Uint8Array {
  return reply({
    version: VERSION.join("."),
    versionArray: [...VERSION, 0],
    gitVersion: "none: the stand-in of Tracing Playground",
    modules: [],
    bits: 64,
    debug: false,
    maxBsonObjectSize: MAX_DOCUMENT_BYTES,
  });
}

export function refuseAuthentication(): never {
  throw unsupported("authentication (leave user name and password out of the URL)", 18);
}

/** What belongs to a transaction; the answer is that of a standalone MongoDB. */
export function refuseTransaction(): never {
  throw new CommandError(
    20,
    "Transaction numbers are only allowed on a replica set member or mongos",
  );
}
