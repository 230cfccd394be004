import { z } from "zod";
import { zipkinBase } from "./base_url.ts";

/** A number; `error` says what it must be. */
export function numeric(isValid: (value: number) => boolean, error: string): z.ZodType<number> {
  return z.string().transform(Number).refine(isValid, { error });
}

/** A whole number. */
export function whole(
  minimum: number,
  maximum: number,
  error = `must be a whole number from ${minimum} to ${maximum}`,
): z.ZodType<number> {
  const isValid = (value: number) =>
    Number.isInteger(value) && value >= minimum && value <= maximum;
  return numeric(isValid, error);
}

/** A whole number with a default. */
export function integer(defaultValue: number, minimum: number, maximum: number): z.ZodType<number> {
  return whole(minimum, maximum).default(defaultValue);
}

/** A TCP port; 0 for any free one. */
export function port(defaultPort: number): z.ZodType<number> {
  return whole(0, 65535, "must be a port number from 0 to 65535, such as 8080")
    .default(defaultPort);
}

/** A yes-or-no switch; unset means no. */
export function flag(): z.ZodType<boolean> {
  return z.enum(["true", "false"], { error: "must be true or false" }).default("false")
    .transform((value) => value === "true");
}

/** An HTTP address; `example` is a valid one. */
export function httpUrl(example: string): z.ZodType<URL> {
  return url(example).transform(toUrl).refine(
    (address): address is URL => isUrlOf(address, ["http:", "https:"]),
    {
      error:
        `must be an http or https address, such as ${example}; a % in a password is written %25`,
    },
  );
}

/** The base address of Zipkin, in any form that {@linkcode zipkinBase} accepts. */
export function zipkinUrl(): z.ZodType<URL> {
  return httpUrl("http://127.0.0.1:9411").transform((address) =>
    Object.assign(new URL(address), { pathname: zipkinBase(address.pathname) })
  );
}

/** One or several RabbitMQ nodes, separated by commas. */
export function amqpUrls(): z.ZodType<readonly URL[]> {
  const example = "amqp://guest:guest@127.0.0.1:5672";
  return url(example).transform((value) => value.split(",").map((node) => toUrl(node.trim())))
    .refine(
      (nodes): nodes is URL[] =>
        nodes.every((node) => isUrlOf(node, ["amqp:", "amqps:"]) && node.hostname !== ""),
      {
        error:
          `must be one or several amqp or amqps addresses, such as ${example}; a % in a password is written %25`,
      },
    );
}

/** A MongoDB connection string (https://www.mongodb.com/docs/manual/reference/connection-string/), as the driver takes it. */
export function mongodbUrl(): z.ZodType<string> {
  const example = "mongodb://127.0.0.1:27017/messages";
  return url(example).regex(/^mongodb(?:\+srv)?:\/\/[^/]+/, {
    error: `must be a MongoDB connection string, such as ${example}`,
  });
}

function url(example: string): z.ZodString {
  return z.string({ error: `must be set, for example to ${example}` });
}

function toUrl(value: string): URL | undefined {
  return URL.parse(value) ?? undefined;
}

/** Whether an address has one of the protocols, and a user and a password that can be decoded. */
function isUrlOf(address: URL | undefined, protocols: readonly string[]): address is URL {
  if (address === undefined || !protocols.includes(address.protocol)) return false;
  try {
    decodeURIComponent(address.username);
    decodeURIComponent(address.password);
    return true;
  } catch {
    return false;
  }
}

const DURATION = /^(?<amount>\d+)(?<unit>ms|s|m|h)$/;
const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** A time span, which as written names its retry queue. */
export interface Duration {
  /** As written: `30s`. */
  readonly text: string;
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

/** Reads a time span such as `500ms`, `60s`, `5m` or `1h`; `undefined` for other text. */
export function parseDuration(text: string): Duration | undefined {
  const groups = text.match(DURATION)?.groups;
  const unitMs = UNIT_MS[groups?.unit ?? ""];
  const milliseconds = unitMs === undefined ? 0 : Number(groups?.amount) * unitMs;
  return milliseconds > 0 ? { text, milliseconds } : undefined;
}

/** One of a few words. */
export function oneOf<const Values extends readonly string[]>(
  values: Values,
): z.ZodEnum<{ [Value in Values[number]]: Value }> {
  return z.enum(values, { error: `must be one of ${values.join(", ")}` });
}

/** Some of a few words, in capitals or not, separated by commas. */
export function list<const Value extends string>(
  values: readonly Value[],
  defaultValue: readonly Value[],
): z.ZodType<readonly Value[]> {
  return z.string().default(defaultValue.join()).transform((text) =>
    text.split(",").map((name) => values.find((value) => value === name.trim().toLowerCase()))
  ).refine((names): names is Value[] => names.every((name) => name !== undefined), {
    error: `must be one or several of ${values.join(", ")}, separated by commas`,
  });
}

/** Names with values, percent-encoded, as OpenTelemetry writes them: `name=value,name=value`. */
export function keyValues(example: string): z.ZodType<Readonly<Record<string, string>>> {
  return z.string().default("").transform((text, context) => {
    const pairs = text.split(",").map((pair) => pair.trim()).filter((pair) => pair !== "");
    try {
      return Object.fromEntries(pairs.map((pair) => {
        const { name, value } = KEY_VALUE.exec(pair)?.groups ?? {};
        if (name === undefined || value === undefined) throw new URIError("There is no value");
        return [name, decodeURIComponent(value)];
      }));
    } catch {
      context.addIssue(
        `must be names with values, such as ${example}; a comma or % in a value is written %2C or %25`,
      );
      return z.NEVER;
    }
  });
}

const KEY_VALUE = /^(?<name>[^=\s]+)\s*=\s*(?<value>.*)$/;
