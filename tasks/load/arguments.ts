import { parseArgs } from "node:util";
import { MAX_BODY_BYTES } from "@playground/shared/email";
import { STATE_OPTION, stateDirectoryOf, stateOptionHelp } from "@playground/tasks/running-system";
import { type ParsedCommandLine } from "@playground/tasks/terminal";

/** How much is sent, and how fast. */
export interface LoadPlan {
  /** Emails a second; absent: as fast as possible. */
  readonly ratePerSecond?: number | undefined;
  /** How many emails; absent: as many as fit into the duration. */
  readonly count?: number | undefined;
  /** For how long; absent: until all are sent. */
  readonly durationMs?: number | undefined;
  /** How many requests wait for their answer at once. */
  readonly concurrency: number;
  /** The part of the emails that shall bounce, from 0 to 1. */
  readonly badRatio: number;
  /** The size of each body. */
  readonly bodySizeBytes: number;
}

/** What the command line says. */
export interface LoadArguments {
  /** What to send. */
  readonly plan: LoadPlan;
  /** How long to wait at the end while nothing more comes through. */
  readonly timeoutMs: number;
  /** Whether to write one JSON document instead of text. */
  readonly json: boolean;
  /** The message server; absent: the one that `deno task dev` started. */
  readonly server?: URL | undefined;
  /** Where the development system keeps its state. */
  readonly stateDirectory: string;
}

/** The arguments, a wish for help, or what is wrong. */
export type ParsedArguments = ParsedCommandLine<
  { readonly kind: "run"; readonly arguments: LoadArguments }
>;

const DEFAULTS = {
  count: "100",
  concurrency: "16",
  "bad-ratio": "0",
  "body-size": "1000",
  timeout: "60",
} as const;

/** No fetch pool and no server of a playground has a use for more. */
const MAX_CONCURRENCY = 1_000;

/** What `--help` tells. */
export const HELP = `Sends many emails and tells what became of them.

Usage: deno task load [options]

  --rate N           emails a second (default: as fast as possible)
  --count N          how many (default ${DEFAULTS.count}, unless --duration is given)
  --duration SECONDS for how long; with --count, whatever ends first
  --concurrency N    requests at once (default ${DEFAULTS.concurrency})
  --bad-ratio R      the part, from 0 to 1, that goes to an address that bounces (default ${
  DEFAULTS["bad-ratio"]
})
  --body-size BYTES  the size of each body (default ${DEFAULTS["body-size"]})
  --timeout SECONDS  how long to wait at the end while nothing more comes through (default ${DEFAULTS.timeout})
  --json             write one JSON document
  --server URL       the message server (default: the one that deno task dev started)
${stateOptionHelp(21)}
  --help             this text

Where the figures come from:
  accepted, failed, time to the answer   the message server's answers
  archived                               MONGODB_URL: the mails of this run in the archive
  dead-lettered, delivered               AMQP_URL: the dead letters of this run, and what waits in no queue any more
  time to the archive, slowest traces    the message server's trace API, for a random sample of the emails
The URLs are those of the environment or .env, else of the running deno task dev; what is missing is said. While it
runs, other people's emails count as well; at the end they do not. At a steady --rate the time to the answer counts from
when an email was due, so that waiting for a slow server is not forgotten. Addresses that bounce are those of Mailtrap's
emulator: bounce+550+…@.

Ctrl-C ends it with what is known by then. Exit code: 0 every accepted email ended as expected; 1 some ended otherwise,
or none was accepted; 2 wrong usage; 3 some have not ended yet, or it cannot be told.`;

/** Reads the command line. */
export function parseArguments(args: readonly string[]): ParsedArguments {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        rate: { type: "string" },
        count: { type: "string" },
        duration: { type: "string" },
        concurrency: { type: "string", default: DEFAULTS.concurrency },
        "bad-ratio": { type: "string", default: DEFAULTS["bad-ratio"] },
        "body-size": { type: "string", default: DEFAULTS["body-size"] },
        timeout: { type: "string", default: DEFAULTS.timeout },
        json: { type: "boolean", default: false },
        server: { type: "string" },
        ...STATE_OPTION,
        help: { type: "boolean", short: "h" },
      },
    });
    if (values.help) return { kind: "help" };
    if (values.server !== undefined && !URL.canParse(values.server)) {
      throw new RangeError(
        `--server ${values.server} is no address; give one, such as http://127.0.0.1:8080`,
      );
    }
    const { rate, duration } = values;
    const count = values.count ?? (duration === undefined ? DEFAULTS.count : undefined);
    return {
      kind: "run",
      arguments: {
        plan: {
          ratePerSecond: rate === undefined ? undefined : positive("rate", rate),
          count: count === undefined ? undefined : whole("count", count, Number.MAX_SAFE_INTEGER),
          durationMs: duration === undefined ? undefined : positive("duration", duration) * 1000,
          concurrency: whole("concurrency", values.concurrency, MAX_CONCURRENCY),
          badRatio: ratio("bad-ratio", values["bad-ratio"]),
          bodySizeBytes: whole("body-size", values["body-size"], MAX_BODY_BYTES),
        },
        timeoutMs: positive("timeout", values.timeout) * 1000,
        json: values.json,
        server: values.server === undefined ? undefined : new URL(values.server),
        stateDirectory: stateDirectoryOf(values),
      },
    };
  } catch (error) {
    return { kind: "usage", problem: error instanceof Error ? error.message : String(error) };
  }
}

function positive(flag: string, text: string): number {
  const number = Number(text);
  if (number > 0 && Number.isFinite(number)) return number;
  throw new RangeError(`--${flag} ${text} is no number above 0; give one, such as 10`);
}

function whole(flag: string, text: string, maximum: number): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1 && number <= maximum) return number;
  throw new RangeError(`--${flag} ${text} is no whole number from 1 to ${maximum}; give one`);
}

function ratio(flag: string, text: string): number {
  const number = text.trim() === "" ? Number.NaN : Number(text);
  if (number >= 0 && number <= 1) return number;
  throw new RangeError(`--${flag} ${text} is no number from 0 to 1; give one, such as 0.05`);
}
