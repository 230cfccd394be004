import { z } from "zod";
import { zipkinBase } from "./base_url.ts";

/** A TCP port. */
export function port(defaultPort: number): z.ZodType<number> {
  return z.string().default(String(defaultPort)).transform(Number).pipe(
    z.number({ error: "must be a port number from 0 to 65535, such as 8080" }).int({
      error: "must be a port number from 0 to 65535, such as 8080",
    }).min(0, { error: "must be a port number from 0 to 65535, such as 8080" }).max(65535, {
      error: "must be a port number from 0 to 65535, such as 8080",
    }),
  );
}

/** A whole number. */
export function integer(
  defaultValue: number,
  minimum: number,
  maximum: number,
): z.ZodType<number> {
  const error = `must be a whole number from ${minimum} to ${maximum}`;
  return z.string().default(String(defaultValue)).transform(Number).refine(
    (value) => Number.isInteger(value) && value >= minimum && value <= maximum,
    { error },
  );
}

/** A yes-or-no switch. */
export function flag(): z.ZodType<boolean> {
  return z.enum(["true", "false"], { error: "must be true or false" }).default("false").transform((
    value,
  ) => value === "true");
}

/** An HTTP base address. */
export function httpUrl(example: string): z.ZodType<URL> {
  return z.string({ error: `must be set, for example to ${example}` }).transform(toUrl).refine(
    (url): url is URL =>
      url !== undefined && (url.protocol === "http:" || url.protocol === "https:") &&
      isDecodable(url.username) && isDecodable(url.password),
    {
      error:
        `must be an http or https address, such as ${example}; a % in a password is written %25`,
    },
  );
}

/** The base address of Zipkin, in any form that {@linkcode zipkinBase} knows. */
export function zipkinUrl(): z.ZodType<URL> {
  return httpUrl("http://127.0.0.1:9411").transform((url) =>
    Object.assign(new URL(url), { pathname: zipkinBase(url.pathname) })
  );
}

/** One or several RabbitMQ nodes, separated by commas. */
export function amqpUrls(): z.ZodType<readonly URL[]> {
  const example = "amqp://guest:guest@127.0.0.1:5672";
  return z.string({ error: `must be set, for example to ${example}` }).transform((value) =>
    value.split(",").map((node) => toUrl(node.trim()))
  ).refine(
    (urls): urls is URL[] => urls.every(isBrokerNode),
    {
      error:
        `must be one or several amqp or amqps addresses, such as ${example}; a % in a password is written %25`,
    },
  );
}

function isBrokerNode(url: URL | undefined): boolean {
  return url !== undefined && (url.protocol === "amqp:" || url.protocol === "amqps:") &&
    url.hostname !== "" && isDecodable(url.username) && isDecodable(url.password);
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

/** A MongoDB connection string (https://www.mongodb.com/docs/manual/reference/connection-string/). */
export function mongodbUrl(): z.ZodType<string> {
  const example = "mongodb://127.0.0.1:27017/messages";
  return z.string({ error: `must be set, for example to ${example}` }).regex(
    /^mongodb(?:\+srv)?:\/\/[^/]+/,
    { error: `must be a MongoDB connection string, such as ${example}` },
  );
}

/** How often to poll. Cron counts in minutes, so that an interval must fit into one or be made of whole ones. */
export function pollIntervalSeconds(defaultValue: number): z.ZodType<number> {
  return z.string().default(String(defaultValue)).transform(Number).refine(
    (seconds) =>
      Number.isInteger(seconds) && seconds > 0 && seconds <= 3600 &&
      (60 % seconds === 0 || seconds % 60 === 0),
    { error: "must divide 60, or be a multiple of 60 up to 3600, such as 5, 30 or 120" },
  );
}

/** How often the collector is to be told of a trace that starts here. */
export function sampleRatio(): z.ZodType<number> {
  return z.string().default("1").transform(Number).refine(
    (ratio) => ratio >= 0 && ratio <= 1,
    { error: "must be a number from 0 (no trace) to 1 (every trace)" },
  );
}

const DURATION = /^(?<amount>\d+)(?<unit>ms|s|m|h)$/;
const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** A time span and the way it was written, which names the retry queue that waits so long. */
export interface Duration {
  /** As written: `30s`. */
  readonly text: string;
  /** In milliseconds. */
  readonly milliseconds: number;
}

/** A list of time spans such as `1s,5s,30s,2m,10m`. */
export function durations(defaultValue: string): z.ZodType<readonly Duration[]> {
  return z.string().default(defaultValue).transform((value) =>
    value.split(",").map((text) => parseDuration(text.trim()))
  ).refine(
    (list): list is Duration[] => list.every((duration) => duration !== undefined),
    { error: `must be time spans separated by commas, such as ${defaultValue}` },
  );
}

/** Reads a time span. */
export function parseDuration(text: string): Duration | undefined {
  const groups = text.match(DURATION)?.groups;
  const unitMs = UNIT_MS[groups?.unit ?? ""];
  const milliseconds = unitMs === undefined ? 0 : Number(groups?.amount) * unitMs;
  return milliseconds > 0 ? { text, milliseconds } : undefined;
}

function toUrl(value: string): URL | undefined {
  return URL.canParse(value) ? new URL(value) : undefined;
}
