import { MAX_BODY_BYTES } from "@playground/shared/email";
import { stateOption } from "@playground/tasks/running-system";
import {
  positiveNumber,
  ratio,
  taskCommandLine,
  url,
  wholeNumber,
} from "@playground/tasks/terminal";
import type { LoadPlan } from "./generator.ts";

const DEFAULT_COUNT = 100;
/** More connections make neither `fetch` nor the message server faster. */
const MAX_CONCURRENCY = 1_000;

export const commandLine = taskCommandLine("load", "Sends many emails and reports how they ended.")
  .option("--rate <n>", "emails a second (default: as fast as possible)", positiveNumber)
  .option(
    "--count <n>",
    `how many (default: ${DEFAULT_COUNT}, unless --duration is given)`,
    wholeNumber(1, Number.MAX_SAFE_INTEGER),
  )
  .option(
    "--duration <seconds>",
    "for how long; with --count, whichever ends first",
    positiveNumber,
  )
  .option("--concurrency <n>", "requests at once", wholeNumber(1, MAX_CONCURRENCY), 16)
  .option(
    "--bad-ratio <r>",
    "the share, from 0 to 1, that goes to an address that bounces",
    ratio,
    0,
  )
  .option("--body-size <bytes>", "the size of each body", wholeNumber(1, MAX_BODY_BYTES), 1_000)
  .option(
    "--timeout <seconds>",
    "how long to wait at the end while nothing changes",
    positiveNumber,
    60,
  )
  .option("--json", "write one JSON document")
  .option("--server <url>", "the message server (default: the one that deno task dev started)", url)
  .addOption(stateOption())
  .addHelpText(
    "after",
    `
Where the figures come from:
  accepted, failed, time to the answer   the message server's answers
  archived                               MONGODB_URL: the mails of this run in the archive
  dead-lettered, delivered               AMQP_URL: the dead letters of this run, and the emails that left the queues
  time to the archive, slowest traces    the message server's trace API, for a random sample of the emails
The URLs come from the environment or .env, else from the running deno task dev; a missing one is named. While it
runs, other people's emails count as well; at the end they do not. With --rate, the time to the answer is measured from
when an email was due, so that it includes the wait for a slow server. Addresses that bounce are those of Mailtrap's
emulator: bounce+550+…@.

Ctrl-C ends it with what is known so far. Exit code: 0 every accepted email ended as expected; 1 some ended otherwise,
or none was accepted; 2 wrong usage; 3 some have not ended yet, or it is unknown.`,
  );

export type LoadOptions = ReturnType<typeof commandLine.opts>;

export function planOf(options: LoadOptions): LoadPlan {
  const { duration, rate, count = duration === undefined ? DEFAULT_COUNT : undefined } = options;
  return {
    ratePerSecond: rate,
    count,
    durationMs: duration === undefined ? undefined : duration * 1000,
    concurrency: options.concurrency,
    badRatio: options.badRatio,
    bodySizeBytes: options.bodySize,
  };
}
