import { Option } from "@commander-js/extra-typings";
import { taskCommandLine, wholeNumber } from "@playground/tasks/terminal";

/** What can be measured, in the order in which it is. */
export const PATH_NAMES = [
  "accept",
  "deliver",
  "archive",
  "journey",
  "tracing",
  "stand-ins",
  "start",
  "growth",
] as const;

/** One of {@linkcode PATH_NAMES}. */
export type PathName = typeof PATH_NAMES[number];

/** What the command line says. */
export interface BenchArguments {
  /** What to measure. */
  readonly names: readonly PathName[];
  /** Whether to measure only what takes about a minute. */
  readonly isShort: boolean;
  /** How many rounds of each comparison count. */
  readonly rounds: number;
  /** Where the results go as JSON. */
  readonly jsonFile: string | undefined;
  /** Whether to write `results.md`. */
  readonly writeResults: boolean;
  /** Whether to write `baseline.json`. */
  readonly writeBaseline: boolean;
}

const ROUNDS = 5;
const SHORT_ROUNDS = 3;
const MAX_ROUNDS = 100;
const SHORT_NAMES: readonly PathName[] = ["accept", "deliver", "archive", "journey", "tracing"];

/** The command line of `deno task bench`. */
export const commandLine = taskCommandLine(
  "bench",
  `Measures how fast the services are, each beside its own ceiling: bare libraries that do the same work in turn with it, on the same machine. The results are ratios.`,
)
  .option(
    "--short",
    `about a minute: less work, fewer rounds, only ${SHORT_NAMES.join(", ")}`,
  )
  .option(
    "--growth",
    "also what happens to long queues, large archives and memory (some six minutes more)",
  )
  .addOption(
    new Option("--only <name...>", "only this; may be repeated").choices(PATH_NAMES)
      .default([] as PathName[], "everything but growth"),
  )
  .option(
    "--rounds <n>",
    `how many rounds of each comparison count (default: ${ROUNDS}; short: ${SHORT_ROUNDS})`,
    wholeNumber(1, MAX_ROUNDS),
  )
  .option("--json <file>", "write the results there")
  .option("--write-results", "write tests/bench/results.md")
  .option("--write-baseline", "write the ratios to tests/bench/baseline.json")
  .addHelpText(
    "after",
    `
TEST_AMQP_URL, TEST_MONGODB_URL and TEST_ZIPKIN_URL name the real components; without all of them only the stand-ins
are measured. Nothing else may use them meanwhile: the emails in the queue send-email are removed. Linux only. The
quieter the machine, the narrower the spread. Where the time goes, deno run -A tests/bench/profile.ts shows (--help).

Exit code: 0 measured; 1 a ratio of processor times is, twice in a row, more than 30 % below
tests/bench/baseline.json, or something could not be measured; 2 wrong usage; 130 Ctrl-C.`,
  );

/** What the options mean together. */
export function argumentsOf(options: ReturnType<typeof commandLine.opts>): BenchArguments {
  const { short: isShort = false, growth = false, only, rounds = isShort ? SHORT_ROUNDS : ROUNDS } =
    options;
  const usual = isShort ? SHORT_NAMES : PATH_NAMES.filter((name) => name !== "growth" || growth);
  return {
    names: only.length > 0 ? PATH_NAMES.filter((name) => only.includes(name)) : usual,
    isShort,
    rounds,
    jsonFile: options.json,
    writeResults: options.writeResults ?? false,
    writeBaseline: options.writeBaseline ?? false,
  };
}
