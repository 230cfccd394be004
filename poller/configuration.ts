import { z } from "zod";
import {
  commonVariables,
  flag,
  httpUrl,
  integer,
  mongodbUrl,
  numeric,
  oneOf,
  port,
  traceThroughSmtp,
} from "@playground/shared/configuration";

/** Cron counts in minutes: an interval must divide one, or consist of whole ones. */
const pollIntervalSeconds = numeric(
  (seconds) =>
    Number.isInteger(seconds) && seconds > 0 && seconds <= 3600 &&
    (60 % seconds === 0 || seconds % 60 === 0),
  "must divide 60, or be a multiple of 60 up to 3600, such as 5, 30 or 120",
).default(30);

/** The environment variables of the mail poller. */
export const pollerVariables = z.object({
  ...commonVariables,
  HOST: z.string().default("127.0.0.1").describe("The address of the health port"),
  HEALTH_PORT: port(8082).describe(
    "The health port: /healthz, /readyz, /metrics, and archived mails",
  ),
  API_TOKEN: z.string().optional().describe(
    "The token that callers must present to see an archived mail",
  ),
  ALLOW_ANONYMOUS: flag().describe("Allows other machines to see archived mails without a token"),
  MONGODB_URL: mongodbUrl().describe(
    "The address of MongoDB; without a database in it, messages is used; embedded in dev",
  ),
  MAILTRAP_URL: httpUrl("https://mailtrap.io").default(new URL("https://mailtrap.io")).describe(
    "Base address of the Mailtrap API",
  ),
  // The current style, the previous, and the original one.
  MAILTRAP_API: oneOf(["sandboxes", "accounts", "v1"]).default("sandboxes").describe(
    "Which style of the API: sandboxes, accounts (needs the account id) or v1",
  ),
  MAILTRAP_ACCOUNT_ID: z.string().optional().describe("The account, for the style accounts"),
  MAILTRAP_BOXID: z.string({
    error: "must be set to the id of your Mailtrap sandbox, the number in its address",
  }).regex(/^\d+$/, { error: "must be the number in the address of your Mailtrap sandbox" })
    .describe("The number of the sandbox; embedded in dev"),
  MAILTRAP_TOKEN: z.string({
    error: "must be set to an API token of your Mailtrap account",
  }).describe("The API token; embedded in dev"),
  POLL_INTERVAL_SECONDS: pollIntervalSeconds.describe(
    "How often the inbox is polled: divides 60, or is a multiple of 60 up to 3600; 5 in dev",
  ),
  POLL_CONCURRENCY: integer(8, 1, 100).describe("How many messages are handled at once"),
  TRACE_THROUGH_SMTP: traceThroughSmtp,
});

/** The schema of the mail poller's configuration. */
export const pollerConfiguration = pollerVariables.refine(
  ({ MAILTRAP_API, MAILTRAP_ACCOUNT_ID }) =>
    MAILTRAP_API !== "accounts" || MAILTRAP_ACCOUNT_ID !== undefined,
  {
    path: ["MAILTRAP_ACCOUNT_ID"],
    error: "must be set to the id of your Mailtrap account when MAILTRAP_API is accounts",
  },
);

/** The configuration of the mail poller. */
export type PollerConfiguration = z.output<typeof pollerConfiguration>;
