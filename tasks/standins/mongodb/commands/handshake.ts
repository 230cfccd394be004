import { Int32 } from "bson";
import { MAX_DOCUMENT_BYTES } from "../bson/values.ts";
import { CommandError, unsupported } from "../errors.ts";
import { MAX_MESSAGE_BYTES } from "../wire/framing.ts";
import type { CommandHandler } from "./command.ts";

/** The version whose behaviour is the model. Its wire version is 21 (MongoDB specifications, "Wire Version"). */
const VERSION = "7.0.0";

/** `hello` and its old name `isMaster`: a standalone server, so that drivers neither retry writes nor offer transactions. */
export const hello: CommandHandler = () => ({
  document: {
    isWritablePrimary: true,
    ismaster: true,
    helloOk: true,
    maxBsonObjectSize: new Int32(MAX_DOCUMENT_BYTES),
    maxMessageSizeBytes: new Int32(MAX_MESSAGE_BYTES),
    maxWriteBatchSize: new Int32(100_000),
    localTime: new Date(),
    logicalSessionTimeoutMinutes: new Int32(30),
    connectionId: new Int32(1),
    minWireVersion: new Int32(0),
    maxWireVersion: new Int32(21),
    readOnly: false,
  },
});

/** `buildInfo`. */
export const buildInfo: CommandHandler = () => ({
  document: {
    version: VERSION,
    versionArray: [...VERSION.split(".").map((part) => new Int32(Number(part))), new Int32(0)],
    gitVersion: "none: the stand-in of Tracing Playground",
    modules: [],
    bits: new Int32(64),
    debug: false,
    maxBsonObjectSize: new Int32(MAX_DOCUMENT_BYTES),
  },
});

/** `ping`, and `endSessions`, whose sessions hold nothing here. */
export const succeed: CommandHandler = () => ({ document: {} });

/** Every command of authentication. */
export const refuseAuthentication: CommandHandler = () => {
  throw unsupported("authentication (leave user name and password out of the URL)", 18);
};

/** `commitTransaction` and `abortTransaction`; the commands within are refused before they run. */
export const refuseTransaction: CommandHandler = () => {
  throw transactionsUnsupported();
};

/** MongoDB's own answer of a standalone server. */
export function transactionsUnsupported(): CommandError {
  return new CommandError(
    20,
    "Transaction numbers are only allowed on a replica set member or mongos",
  );
}
