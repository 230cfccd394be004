import type { EncodableFields } from "./bson.ts";

/** The `codeName` of each error code that the stand-in uses (MongoDB source, `error_codes.yml`). */
const CODE_NAMES: Readonly<Record<number, string>> = {
  1: "InternalError",
  2: "BadValue",
  9: "FailedToParse",
  13: "Unauthorized",
  14: "TypeMismatch",
  15: "Overflow",
  16: "InvalidLength",
  18: "AuthenticationFailed",
  20: "IllegalOperation",
  22: "InvalidBSON",
  26: "NamespaceNotFound",
  28: "PathNotViable",
  40: "ConflictingUpdateOperators",
  43: "CursorNotFound",
  48: "NamespaceExists",
  50: "MaxTimeMSExpired",
  52: "DollarPrefixedFieldName",
  53: "InvalidIdField",
  54: "NotSingleValueField",
  56: "EmptyFieldName",
  59: "CommandNotFound",
  66: "ImmutableField",
  73: "InvalidNamespace",
  123: "NotAReplicaSet",
  175: "QueryPlanKilled",
  238: "NotImplemented",
  292: "QueryExceededMemoryLimitNoDiskUseAllowed",
  10107: "NotWritablePrimary",
  10334: "BSONObjectTooLarge",
  11000: "DuplicateKey",
  11600: "InterruptedAtShutdown",
  14031: "OutOfDiskSpace",
};

/** A command's failure as in MongoDB: data for the client's reply, not a bug. */
export class CommandError extends Error {
  override readonly name = "CommandError";

  constructor(readonly code: number, message: string, readonly details: EncodableFields = {}) {
    super(message);
  }

  get codeName(): string {
    return CODE_NAMES[this.code] ?? `Location${this.code}`;
  }
}

/** Refuses a feature of MongoDB that the stand-in lacks. */
export function unsupported(feature: string, code = 238): CommandError {
  return new CommandError(
    code,
    `Cannot use ${feature}: the embedded stand-in for MongoDB does not have it; set MONGODB_URL to a real MongoDB`,
  );
}
