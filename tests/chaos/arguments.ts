import { positiveNumber, taskCommandLine } from "@playground/tasks/terminal";
import { seedOption } from "../fixture/random.ts";

export type ComponentsChoice = "stand-ins" | "own" | "cluster";

export type ChaosArguments = ReturnType<typeof argumentsOf>;

const SECONDS = 60;
const RATE_PER_SECOND = 40;

export const commandLine = taskCommandLine(
  "test:chaos",
  `Sends emails while processes are killed and connections break, then verifies that no accepted email is lost and none is archived twice.`,
)
  .option(
    "--seconds <n>",
    `for how long things go wrong (default: ${SECONDS}; 600 for the long run)`,
    positiveNumber,
  )
  .option(
    "--emails <n>",
    `how many emails (default: ${RATE_PER_SECOND} a second); without --seconds, for as long as they take at this rate`,
    positiveNumber,
  )
  .addOption(seedOption("repeat the faults and the emails of a run"))
  .option(
    "--own",
    `start a RabbitMQ, and a mongod or secantusd-py, from the programs that are installed here, and kill them; where there is no such database, the stand-in. TEST_ZIPKIN_URL may name a Zipkin, which is not killed, but cut off for a moment`,
  )
  .option(
    "--cluster",
    "the same with three nodes of RabbitMQ; the node that leads the queue is killed",
  )
  .option("--log <file>", "write the lines of all processes there")
  .addHelpText(
    "after",
    `
2 message servers, 3 emailers and 2 pollers run; which of them are killed, and what else goes wrong and when, follows
from the seed and is printed as it happens. Mailtrap is always the stand-in. At the end no fault is on.
Exit code: 0 every promise was kept; 1 some were not; 2 wrong usage; 130 Ctrl-C.`,
  );

export function argumentsOf(options: ReturnType<typeof commandLine.opts>) {
  const { emails, seed, own, cluster, log: logFile } = options;
  const { seconds = emails === undefined ? SECONDS : emails / RATE_PER_SECOND } = options;
  const components: ComponentsChoice = cluster ? "cluster" : own ? "own" : "stand-ins";
  return {
    seed,
    durationMs: seconds * 1000,
    ratePerSecond: emails === undefined ? RATE_PER_SECOND : emails / seconds,
    components,
    logFile,
  };
}
