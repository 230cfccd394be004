import { z } from "zod";
import {
  commonVariables,
  flag,
  httpUrl,
  integer,
  mongodbUrl,
  pollIntervalSeconds,
  port,
  traceThroughSmtp,
} from "@playground/shared/configuration";
import { API_STYLES } from "./mailtrap/api_routes.ts";

/** The environment variables of the mail poller. */
export const pollerVariables = z.object({
  ...commonVariables,
  /** The address of the health port. */
  HOST: z.string().default("127.0.0.1"),
  /** The health port. */
  HEALTH_PORT: port(8082),
  /** What callers must present to be shown an archived mail. */
  API_TOKEN: z.string().optional(),
  /** Allows other machines to be shown archived mails without a token. */
  ALLOW_ANONYMOUS: flag(),
  /** MongoDB; without a database in it, `messages`. */
  MONGODB_URL: mongodbUrl(),
  /** Base address of the Mailtrap API. */
  MAILTRAP_URL: httpUrl("https://mailtrap.io").default(new URL("https://mailtrap.io")),
  /** Which of the API's styles. */
  MAILTRAP_API: z.enum(API_STYLES, { error: `must be one of ${API_STYLES.join(", ")}` }).default(
    "sandboxes",
  ),
  /** The account, for the style `accounts`. */
  MAILTRAP_ACCOUNT_ID: z.string().optional(),
  /** The sandbox (inbox). */
  MAILTRAP_BOXID: z.string({
    error: "must be set to the id of your Mailtrap sandbox, the number in its address",
  }).regex(/^\d+$/, { error: "must be the number in the address of your Mailtrap sandbox" }),
  /** The API token. */
  MAILTRAP_TOKEN: z.string({
    error: "must be set to an API token of your Mailtrap account",
  }),
  /** How often the inbox is polled. */
  POLL_INTERVAL_SECONDS: pollIntervalSeconds(30),
  /** How many messages are handled at once. */
  POLL_CONCURRENCY: integer(8, 1, 100),
  /** How the trace goes on in the mail. */
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
