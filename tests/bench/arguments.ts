import { Option } from "@commander-js/extra-typings";
import { taskCommandLine } from "@playground/tasks/terminal";

export const PATH_NAMES = [
  "accept",
  "deliver",
  "archive",
  "journey",
  "tracing",
  "start",
  "growth",
  "memory",
] as const;

export type PathName = typeof PATH_NAMES[number];

const GROWTH_NAMES: readonly PathName[] = ["growth", "memory"];
const LONG_NAMES: readonly PathName[] = ["start", ...GROWTH_NAMES];

export const commandLine = taskCommandLine(
  "bench",
  `Measures how fast the services are, each beside its own ceiling: bare libraries that do the same work in turn with it, on the same machine. The results are ratios.`,
)
  .option(
    "--short",
    `about a minute: less work, three rounds instead of five, without ${LONG_NAMES.join(", ")}`,
  )
  .option(
    "--growth",
    "also measure long queues, large archives and memory (some six minutes more)",
  )
  .addOption(
    new Option("--only <name...>", "measure only this; may be repeated").choices(PATH_NAMES)
      .default([] as PathName[], "everything but growth and memory"),
  )
  .option(
    "--profile <folder>",
    "write V8's profiles of accept, deliver and archive there, with reports of the hot functions",
  )
  .option("--write-results", "write tests/bench/results.md")
  .option("--write-baseline", "write the ratios to tests/bench/baseline.json")
  .addHelpText(
    "after",
    `
TEST_AMQP_URL, TEST_MONGODB_URL and TEST_ZIPKIN_URL name the real components; without all of them only the stand-ins
are measured. Nothing else may use them meanwhile: the emails in the queue send-email are removed. Linux only. The
quieter the machine, the narrower the spread. Chromium's developer tools show the profiles, too.

Exit code: 0 measured; 1 a ratio of processor times is, twice in a row, more than 30 % below
tests/bench/baseline.json, or something could not be measured; 2 wrong usage; 130 Ctrl-C.`,
  );

export type BenchArguments = ReturnType<typeof argumentsOf>;

export function argumentsOf({ only, ...options }: ReturnType<typeof commandLine.opts>) {
  const { short: isShort = false, growth = false } = options;
  const left = isShort ? LONG_NAMES : growth ? [] : GROWTH_NAMES;
  return {
    ...options,
    isShort,
    rounds: isShort ? 3 : 5,
    names: PATH_NAMES.filter((name) =>
      only.length > 0 ? only.includes(name) : !left.includes(name)
    ),
  };
}
