import { parseArgs } from "node:util";

/** What a run is against. */
export type ComponentsChoice =
  | "stand-ins"
  /** Real components that variables name. */
  | "real"
  /** Real components that are started for the run. */
  | "own"
  /** The same, with a cluster. */
  | "cluster";

/** What the command line says. */
export interface ChaosArguments {
  /** The seed; absent: any. */
  readonly seed: number | undefined;
  /** For how long, in milliseconds. */
  readonly durationMs: number;
  /** How many emails a second. */
  readonly ratePerSecond: number;
  /** What to use in place of the stand-ins. */
  readonly components: ComponentsChoice;
  /** Where the lines of all processes go. */
  readonly logFile: string | undefined;
}

/** What the command line says, or what is wrong with it. */
export type ParsedArguments =
  | { readonly kind: "run"; readonly arguments: ChaosArguments }
  | { readonly kind: "help" }
  | { readonly kind: "usage"; readonly problem: string };

const DEFAULTS = { seconds: 60, rate: 40 } as const;
const MAX_SEED = 2 ** 32 - 1;

/** What `--help` shows. */
export const HELP =
  `Sends emails while processes are killed and connections break, then counts: no accepted email may be lost,
and none archived twice.

Usage: deno task test:chaos [options]

  --seconds N   for how long things go wrong (default ${DEFAULTS.seconds}; 600 for the long run)
  --rate N      emails a second (default ${DEFAULTS.rate})
  --emails N    how many emails; without --seconds as long as they take at this rate
  --seed N      repeat the faults and the emails of a run (default: any; it is printed)
  --real        use the RabbitMQ, MongoDB and Zipkin that TEST_AMQP_URL, TEST_MONGODB_URL and TEST_ZIPKIN_URL name,
                which nothing else may use meanwhile: what waits in its send-email queues is removed at the start,
                and the run's messages and its database at the end. They are not killed: nobody reaches them for a
                moment instead
  --own         start a RabbitMQ, and a mongod or secantusd-py, from the programs that are installed here, and kill
                them; where there is no such database, the stand-in. TEST_ZIPKIN_URL may name a Zipkin
  --cluster     the same with three nodes of RabbitMQ; killed is the one that leads the queue
  --log FILE    write the lines of all processes there
  --help        this text

2 message servers, 3 emailers and 2 pollers run; which of them are killed, and what else goes wrong and when, follows
from the seed and is told as it happens. Mailtrap is always the stand-in. At the end everything heals.
Exit code: 0 every promise was kept; 1 some were not; 2 wrong usage; 130 Ctrl-C.`;

/** Reads the command line. */
export function parseArguments(args: readonly string[]): ParsedArguments {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        seconds: { type: "string" },
        rate: { type: "string" },
        emails: { type: "string" },
        seed: { type: "string" },
        real: { type: "boolean", default: false },
        own: { type: "boolean", default: false },
        cluster: { type: "boolean", default: false },
        log: { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    });
    if (values.help) return { kind: "help" };
    const number = (flag: "seconds" | "rate" | "emails") => {
      const text = values[flag];
      return text === undefined ? undefined : positive(flag, text);
    };
    const emails = number("emails");
    const givenSeconds = number("seconds");
    const givenRate = number("rate");
    if (emails !== undefined && givenSeconds !== undefined && givenRate !== undefined) {
      throw new RangeError("--emails, --seconds and --rate are one too many; leave one out");
    }
    const seconds = givenSeconds ??
      (emails === undefined ? DEFAULTS.seconds : emails / (givenRate ?? DEFAULTS.rate));
    const rate = givenRate ?? (emails === undefined ? DEFAULTS.rate : emails / seconds);
    return {
      kind: "run",
      arguments: {
        seed: values.seed === undefined ? undefined : seedOf(values.seed),
        durationMs: seconds * 1000,
        ratePerSecond: rate,
        components: componentsOf(values),
        logFile: values.log,
      },
    };
  } catch (error) {
    return { kind: "usage", problem: error instanceof Error ? error.message : String(error) };
  }
}

function componentsOf(
  { real, own, cluster }: Readonly<Record<"real" | "own" | "cluster", boolean>>,
): ComponentsChoice {
  if (real && (own || cluster)) {
    throw new RangeError("--real uses what runs already, --own and --cluster start it; choose one");
  }
  return cluster ? "cluster" : own ? "own" : real ? "real" : "stand-ins";
}

function positive(flag: string, text: string): number {
  const number = Number(text);
  if (number > 0 && Number.isFinite(number)) return number;
  throw new RangeError(`--${flag} ${text} is no number above 0; give one, such as 60`);
}

function seedOf(text: string): number {
  const seed = Number(text);
  if (/^\d+$/.test(text) && seed <= MAX_SEED) return seed;
  throw new RangeError(`--seed ${text} is no whole number from 0 to ${MAX_SEED}; give one`);
}
