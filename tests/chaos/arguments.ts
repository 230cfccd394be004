import { positiveNumber, taskCommandLine, wholeNumber } from "@playground/tasks/terminal";

export type ComponentsChoice =
  | "stand-ins"
  | "real"
  | "own"
  | "cluster";

export interface ChaosArguments {
  /** The seed; absent: any. */
  readonly seed: number | undefined;
  readonly durationMs: number;
  readonly ratePerSecond: number;
  readonly components: ComponentsChoice;
  readonly logFile: string | undefined;
}

const DEFAULTS = { seconds: 60, rate: 40 } as const;
const MAX_SEED = 2 ** 32 - 1;

export const commandLine = taskCommandLine(
  "test:chaos",
  `Sends emails while processes are killed and connections break, then counts: no accepted email may be lost, and none archived twice.`,
)
  .option(
    "--seconds <n>",
    `for how long things go wrong (default: ${DEFAULTS.seconds}; 600 for the long run)`,
    positiveNumber,
  )
  .option("--rate <n>", `emails a second (default: ${DEFAULTS.rate})`, positiveNumber)
  .option(
    "--emails <n>",
    "how many emails; without --seconds as long as they take at this rate",
    positiveNumber,
  )
  .option(
    "--seed <n>",
    "repeat the faults and the emails of a run (default: any; it is printed)",
    wholeNumber(0, MAX_SEED),
  )
  .option(
    "--real",
    `use the RabbitMQ, MongoDB and Zipkin that TEST_AMQP_URL, TEST_MONGODB_URL and TEST_ZIPKIN_URL name, which nothing else may use meanwhile: what waits in its send-email queues is removed at the start, and the run's messages and its database at the end. They are not killed: nobody reaches them for a moment instead`,
  )
  .option(
    "--own",
    `start a RabbitMQ, and a mongod or secantusd-py, from the programs that are installed here, and kill them; where there is no such database, the stand-in. TEST_ZIPKIN_URL may name a Zipkin`,
  )
  .option(
    "--cluster",
    "the same with three nodes of RabbitMQ; killed is the one that leads the queue",
  )
  .option("--log <file>", "write the lines of all processes there")
  .addHelpText(
    "after",
    `
2 message servers, 3 emailers and 2 pollers run; which of them are killed, and what else goes wrong and when, follows
from the seed and is printed as it happens. Mailtrap is always the stand-in. At the end everything heals.
Exit code: 0 every promise was kept; 1 some were not; 2 wrong usage; 130 Ctrl-C.`,
  );

/** What the options mean together, or what is wrong with them. */
export function argumentsOf(options: ReturnType<typeof commandLine.opts>): ChaosArguments | string {
  const { seconds: givenSeconds, rate: givenRate, emails, seed, real, own, cluster } = options;
  if (emails !== undefined && givenSeconds !== undefined && givenRate !== undefined) {
    return "--emails, --seconds and --rate are one too many; leave one out";
  }
  if (real && (own || cluster)) {
    return "--real uses what runs already, --own and --cluster start it; choose one";
  }
  const seconds = givenSeconds ??
    (emails === undefined ? DEFAULTS.seconds : emails / (givenRate ?? DEFAULTS.rate));
  return {
    seed,
    durationMs: seconds * 1000,
    ratePerSecond: givenRate ?? (emails === undefined ? DEFAULTS.rate : emails / seconds),
    components: cluster ? "cluster" : own ? "own" : real ? "real" : "stand-ins",
    logFile: options.log,
  };
}
