/**
 * `deno task dead-letters`: lists, shows, requeues and drops the emails that could not be sent.
 *
 * The command line names the command; settings or the running development system name the broker; the dead-letter queue is read
 * message by message, and what is not removed goes back to its place, also after Ctrl-C.
 *
 * @module
 */
import { amqpUrls, commonVariables, readConfiguration } from "@playground/shared/configuration";
import { stopRequested } from "@playground/shared/lifecycle";
import { logToConsole } from "@playground/shared/logging";
import { telemetryOf } from "@playground/shared/telemetry";
import { startTracing } from "@playground/shared/tracing";
import { pageUrl } from "@playground/server/page-url";
import { DeadLetterQueue, openBrokerSession } from "@playground/tasks/clients/broker";
import {
  knownSettings,
  notRunning,
  readUrls,
  stateOption,
  taskCommand,
} from "@playground/tasks/running-system";
import { taskCommandLine } from "@playground/tasks/terminal";
import { z } from "zod";
import {
  type CommandContext,
  drop,
  EXIT_FAILED,
  list,
  requeue,
  SERVICE_NAME,
  show,
} from "./commands.ts";

const EXIT_USAGE = 2;

const variables = z.object({ ...commonVariables, AMQP_URL: amqpUrls() });

const commandLine = taskCommandLine(
  "dead-letters",
  "Lists, shows, requeues and drops the emails that could not be sent: the messages of the queue send-email.dead.",
)
  .option(
    "--amqp <url>",
    "the broker (default: AMQP_URL of the environment or .env, else the running deno task dev)",
  )
  .addOption(stateOption())
  .addHelpText(
    "after",
    `
ID is the email's id. While one command looks at a dead letter, another one does not see it. Exit code: 0 done;
1 the broker cannot be reached, there is no such dead letter, or it could not be requeued; 2 wrong usage.`,
  );
commandLine.command("list", { isDefault: true })
  .description("when, which email, how many attempts, why; the default")
  .option("--json", "write one JSON array")
  .action(({ json = false }) => run((context) => list(json, context)));
commandLine.command("show")
  .description("everything about one but the mail itself")
  .argument("<id>")
  .option("--body", "the mail as well: it is private")
  .option("--json", "write one JSON document")
  .action((id, options) => run((context) => show(id, options, context)));
commandLine.command("requeue")
  .description("send again, from attempt 1, in the same trace")
  .argument("[id]")
  .option("--all", "every dead letter that is there now")
  .action((id, { all }, command) => {
    requireTarget(command, id, all);
    return run((context) => requeue(id, context));
  });
commandLine.command("drop")
  .description("forget for good; asks first")
  .argument("[id]")
  .option("--all", "every dead letter that is there now")
  .option("-y, --yes", "do not ask; needed where there is no terminal")
  .action((id, { all, yes = false }, command) => {
    requireTarget(command, id, all);
    if (yes || (Deno.stdin.isTerminal() && Deno.stdout.isTerminal())) {
      return run((context) => drop(id, yes, context));
    }
    console.error("Cannot ask whether to drop: there is no terminal; give --yes");
    Deno.exit(EXIT_USAGE);
  });
await commandLine.parseAsync(Deno.args, { from: "user" });

/** Without an ID, a command is about all dead letters that are there when it starts: only if that was said. */
function requireTarget(
  command: { readonly error: (message: string) => never; readonly name: () => string },
  id: string | undefined,
  all = false,
): void {
  if (all === (id !== undefined)) command.error(`${command.name()} needs either an ID or --all`);
}

async function run(perform: (context: CommandContext) => Promise<number>): Promise<never> {
  try {
    Deno.exit(await withQueue(perform));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    Deno.exit(EXIT_FAILED);
  }
}

/** Connects, does what was asked for, and puts back what was only looked at. */
async function withQueue(perform: (context: CommandContext) => Promise<number>): Promise<number> {
  const { amqp, state: stateDirectory } = commandLine.opts();
  // Of a broker that was named here, nobody says which message server it has.
  const server = amqp === undefined ? (await readUrls(stateDirectory))?.messageServer : undefined;
  const settings = {
    ...await knownSettings(stateDirectory),
    ...(amqp === undefined ? {} : { AMQP_URL: amqp }),
  };
  if (settings.AMQP_URL === undefined) {
    throw new Error(
      `Cannot reach the dead letters: AMQP_URL is not set and ${
        notRunning(stateDirectory)
      }, or give --amqp URL`,
    );
  }
  const configured = readConfiguration(variables, settings);
  if (!configured.ok) {
    console.error(`Cannot reach the dead letters: ${configured.problems.join("; ")}`);
    return EXIT_USAGE;
  }
  const { configuration } = configured;
  await logToConsole({ level: "warning", format: "pretty" });
  const stop = new AbortController();
  stopRequested().then(() => stop.abort());
  await using session = await openBrokerSession(configuration.AMQP_URL, SERVICE_NAME);
  await using resources = new AsyncDisposableStack();
  const queue = new DeadLetterQueue(session.channel);
  // The broker would put the messages back by itself when the channel closes, but in any order.
  resources.defer(() => session.isOpen ? queue.giveBack() : Promise.resolve());
  const code = await perform({
    session,
    queue,
    signal: stop.signal,
    // A broker's address may have a password in it, which is not for the terminal.
    listCommand: amqp === undefined
      ? taskCommand("dead-letters list", stateDirectory)
      : "deno task dead-letters list, with the same --amqp",
    pageUrl: ({ traceId, id }) => server && traceId && pageUrl(server, traceId, id),
    startTracing: async () =>
      resources.use(await startTracing(telemetryOf(SERVICE_NAME, configuration))),
  });
  if (!stop.signal.aborted) return code;
  console.error("Stopped before the end; what was not done is as it was");
  return EXIT_FAILED;
}
