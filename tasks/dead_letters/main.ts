/**
 * `deno task dead-letters`: lists, shows, requeues and drops the emails that could not be sent.
 *
 * The command line names the command; settings or the running development system name the broker; the dead-letter queue is read
 * message by message, and what is not removed goes back to its place, also after Ctrl-C.
 *
 * @module
 */
import {
  amqpUrls,
  commonVariables,
  type Environment,
  readConfiguration,
} from "@playground/shared/configuration";
import { stopRequested } from "@playground/shared/lifecycle";
import { logToConsole } from "@playground/shared/logging";
import { telemetryOf } from "@playground/shared/telemetry";
import { startTracing } from "@playground/shared/tracing";
import {
  notRunning,
  readRunningVariables,
  readSettings,
  ROOT,
  taskCommand,
} from "@playground/tasks/running-system";
import { z } from "zod";
import { commandLine, type CommonOptions, type DeadLettersCommand } from "./arguments.ts";
import { EXIT_FAILED, perform, SERVICE_NAME } from "./commands.ts";
import { DeadLetterQueue, openBrokerSession } from "@playground/tasks/clients/broker";

const EXIT_USAGE = 2;

const variables = z.object({ ...commonVariables, AMQP_URL: amqpUrls() });

await commandLine(async (command, options) => {
  try {
    Deno.exit(await run(command, options));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    Deno.exit(EXIT_FAILED);
  }
}).parseAsync(Deno.args, { from: "user" });

async function run(
  command: DeadLettersCommand,
  { amqp: amqpUrl, state: stateDirectory }: CommonOptions,
): Promise<number> {
  const isInteractive = Deno.stdin.isTerminal() && Deno.stdout.isTerminal();
  if (command.name === "drop" && !command.yes && !isInteractive) {
    console.error("Cannot ask whether to drop: there is no terminal; give --yes");
    return EXIT_USAGE;
  }
  const settings: Environment = {
    ...await readRunningVariables(stateDirectory),
    ...await readSettings(ROOT),
    ...(amqpUrl === undefined ? {} : { AMQP_URL: amqpUrl }),
  };
  if (settings.AMQP_URL === undefined) {
    console.error(
      `Cannot reach the dead letters: AMQP_URL is not set and ${
        notRunning(stateDirectory)
      }, or give --amqp URL`,
    );
    return EXIT_FAILED;
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
  const code = await perform(command, {
    session,
    queue,
    signal: stop.signal,
    // The address of a broker may have a password in it, which is not for the terminal.
    listCommand: amqpUrl === undefined
      ? taskCommand("dead-letters list", stateDirectory)
      : "deno task dead-letters list, with the same --amqp",
    startTracing: async () =>
      resources.use(await startTracing(telemetryOf(SERVICE_NAME, configuration))),
  });
  if (!stop.signal.aborted) return code;
  console.error("Stopped before the end; what was not done is as it was");
  return EXIT_FAILED;
}
