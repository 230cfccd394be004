import { parseArgs } from "node:util";

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

/** What the command line says, or what is wrong with it. */
export type ParsedArguments =
  | { readonly kind: "run"; readonly arguments: BenchArguments }
  | { readonly kind: "help" }
  | { readonly kind: "usage"; readonly problem: string };

const ROUNDS = 5;
const SHORT_ROUNDS = 3;
const MAX_ROUNDS = 100;
const SHORT_NAMES: readonly PathName[] = ["accept", "deliver", "archive", "journey", "tracing"];

/** What `--help` shows. */
export const HELP =
  `Measures how fast the services are, each beside its own ceiling: bare libraries that do the same work in
turn with it, on the same machine. The results are ratios.

Usage: deno task bench [options]

  --short           about a minute: less work, fewer rounds, only ${SHORT_NAMES.join(", ")}
  --growth          also what happens to long queues, large archives and memory (some six minutes more)
  --only NAME       only this; may be repeated. One of ${PATH_NAMES.join(", ")}
  --rounds N        how many rounds of each comparison count (default ${ROUNDS}; short ${SHORT_ROUNDS})
  --json FILE       write the results there
  --write-results   write tests/bench/results.md
  --write-baseline  write the ratios to tests/bench/baseline.json
  --help            this text

TEST_AMQP_URL, TEST_MONGODB_URL and TEST_ZIPKIN_URL name the real components; without all of them only the stand-ins
are measured. Nothing else may use them meanwhile: the emails in the queue send-email are removed. Linux only. The
quieter the machine, the narrower the spread. Where the time goes tells deno run -A tests/bench/profile.ts (--help).

Exit code: 0 measured; 1 a ratio of processor times is, twice in a row, more than 30 % below
tests/bench/baseline.json, or something could not be measured; 2 wrong usage; 130 Ctrl-C.`;

/** Reads the command line. */
export function parseArguments(args: readonly string[]): ParsedArguments {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        short: { type: "boolean", default: false },
        growth: { type: "boolean", default: false },
        only: { type: "string", multiple: true, default: [] },
        rounds: { type: "string" },
        json: { type: "string" },
        "write-results": { type: "boolean", default: false },
        "write-baseline": { type: "boolean", default: false },
        help: { type: "boolean", short: "h" },
      },
    });
    if (values.help) return { kind: "help" };
    const chosen = values.only.map(pathName);
    const usual = values.short
      ? SHORT_NAMES
      : PATH_NAMES.filter((name) => name !== "growth" || values.growth);
    return {
      kind: "run",
      arguments: {
        names: chosen.length > 0 ? PATH_NAMES.filter((name) => chosen.includes(name)) : usual,
        isShort: values.short,
        rounds: values.rounds === undefined
          ? (values.short ? SHORT_ROUNDS : ROUNDS)
          : roundCount(values.rounds),
        jsonFile: values.json,
        writeResults: values["write-results"],
        writeBaseline: values["write-baseline"],
      },
    };
  } catch (error) {
    return { kind: "usage", problem: error instanceof Error ? error.message : String(error) };
  }
}

function pathName(text: string): PathName {
  const name = PATH_NAMES.find((name) => name === text);
  if (name !== undefined) return name;
  throw new RangeError(`--only ${text} names nothing; give one of ${PATH_NAMES.join(", ")}`);
}

function roundCount(text: string): number {
  const count = Number(text);
  if (/^\d+$/.test(text) && count >= 1 && count <= MAX_ROUNDS) return count;
  throw new RangeError(`--rounds ${text} is no whole number from 1 to ${MAX_ROUNDS}; give one`);
}
