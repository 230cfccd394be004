import type { z } from "zod";
import { LOG_FORMATS, LOG_LEVELS } from "../logging/mod.ts";
import { telemetryVariables } from "../telemetry/variables.ts";
import { durations, flag, oneOf } from "./variables.ts";

/** The variables that every service reads. */
export const commonVariables = {
  ...telemetryVariables,
  LOG_LEVEL: oneOf(LOG_LEVELS).default("info").describe("The least important level that is logged"),
  LOG_FORMAT: oneOf(LOG_FORMATS).optional().describe(
    "pretty for people, json for machines; unset: pretty on a terminal",
  ),
  STOP_AT_STDIN_EOF: flag().describe(
    "Whether the end of standard input stops the service, for a parent process that holds the other end",
  ),
} as const;

/** The variable `TRACE_THROUGH_SMTP`, which the emailer and the poller read. */
export const traceThroughSmtp = oneOf(["link", "join", "off"]).default("link").describe(
  "How the trace continues in the mail: link keeps the poll in a trace of its own, join continues the email's, off writes no context into the mail",
);

/** A value of {@linkcode traceThroughSmtp}. */
export type TraceThroughSmtp = z.output<typeof traceThroughSmtp>;

/** The variable `RETRY_DELAYS`, which the emailer and the message server read. */
export const retryDelays = durations("1s,5s,30s,2m,10m");
