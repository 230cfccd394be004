/**
 * `deno task dead-letters`: lists, shows, requeues and drops the emails that could not be sent.
 *
 * The command line names the command; settings or the running development system name the broker; the dead-letter queue is read
 * message by message, and what is not removed goes back to its place, even after Ctrl-C.
 *
 * @module
 */
import { confirm } from "@clack/prompts";
import { tracedPublisher } from "@playground/shared/amqp";
import { amqpUrls, commonVariables, readConfiguration } from "@playground/shared/configuration";
import { DeadLetterQueue, drop, requeue } from "@playground/server/dead-letters";
import { pageUrl } from "@playground/server/page-url";
import { stopRequested } from "@playground/shared/lifecycle";
import { logToConsole } from "@playground/shared/logging";
import { telemetryOf } from "@playground/shared/telemetry";
import { startTracing } from "@playground/shared/tracing";
import { VERSION } from "@playground/shared/version";
import {
  type BrokerSession,
  type DeadLetter,
  openBrokerSession,
  readDeadLetter,
} from "@playground/tasks/clients/broker";
import {
  knownSettings,
  notRunning,
  readRunning,
  stateOption,
  taskCommand,
} from "@playground/tasks/running-system";
import {
  fail,
  failUsage,
  failWith,
  liveArea,
  startTask,
  taskCommandLine,
} from "@playground/tasks/terminal";
import type { GetMessage } from "amqplib";
import { z } from "zod";
import { describeContent, describeDeadLetter, TABLE_HEAD, tableRow, toJson } from "./report.ts";

/** The command's name in a trace and at the broker. */
const SERVICE_NAME = "dead-letters";

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
ID is the email's id. A dead letter that one command holds is invisible to others. Exit code: 0 done;
1 the broker cannot be reached, there is no such dead letter, or it could not be requeued; 2 wrong usage.`,
  );
commandLine.command("list", { isDefault: true })
  .description("list them: when, which email, how many attempts, why (the default)")
  .option("--json", "write one JSON array")
  .allowExcessArguments()
  .action(({ json = false }, command) => {
    const [word] = command.args;
    if (word !== undefined) command.error(`there is no command ${word}`);
    return run((context) => list(json, context));
  });
commandLine.command("show")
  .description("show everything about one except the mail itself")
  .argument("<id>")
  .option("--body", "show the mail as well, which is private")
  .option("--json", "write one JSON document")
  .action((id, options) => run((context) => show(id, options, context)));
commandLine.command("requeue")
  .description("send again, from attempt 1, in the same trace")
  .argument("[id]")
  .option("--all", "every dead letter that is there now")
  .action((id, { all }, command) => {
    requireTarget(command, id, all);
    return run((context) => sendAgain(id, context));
  });
commandLine.command("drop")
  .description("delete for good; asks first")
  .argument("[id]")
  .option("--all", "every dead letter that is there now")
  .option("-y, --yes", "do not ask; needed where there is no terminal")
  .action((id, { all, yes = false }, command) => {
    requireTarget(command, id, all);
    if (yes || (Deno.stdin.isTerminal() && Deno.stdout.isTerminal())) {
      return run((context) => dropForGood(id, yes, context));
    }
    failUsage("Cannot ask whether to drop: there is no terminal; give --yes");
  });
await commandLine.parseAsync(startTask(), { from: "user" });

/** Without an ID, a command needs --all; it then takes all dead letters that are there when it starts. */
function requireTarget(
  command: { readonly error: (message: string) => never; readonly name: () => string },
  id: string | undefined,
  all = false,
): void {
  if (all === (id !== undefined)) command.error(`${command.name()} needs either an ID or --all`);
}

interface Context {
  readonly configuration: z.output<typeof variables>;
  readonly session: BrokerSession;
  readonly queue: DeadLetterQueue;
  readonly signal: AbortSignal;
}

async function run(perform: (context: Context) => Promise<void>): Promise<never> {
  const stop = new AbortController();
  stopRequested().then(() => stop.abort());
  try {
    await withQueue(perform, stop.signal);
  } catch (error) {
    if (error !== stop.signal.reason) failWith(error);
  }
  if (stop.signal.aborted) fail("Stopped before the end; the rest is unchanged");
  Deno.exit();
}

/** Connects, runs the command, and puts back all messages that it did not remove. */
async function withQueue(
  perform: (context: Context) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const { amqp, state: stateDirectory } = commandLine.opts();
  const settings = await knownSettings(stateDirectory);
  const address = amqp ?? settings.AMQP_URL;
  if (address === undefined) {
    const why = `AMQP_URL is not set and ${notRunning(stateDirectory)}`;
    fail(`Cannot reach the dead letters: ${why}, or give --amqp URL`);
  }
  const configured = readConfiguration(variables, { ...settings, AMQP_URL: address });
  if (!configured.ok) {
    failUsage(`Cannot reach the dead letters: ${configured.problems.join("; ")}`);
  }
  const { configuration } = configured;
  await logToConsole({ LOG_LEVEL: "warning", LOG_FORMAT: "pretty" });
  await using session = await openBrokerSession(configuration.AMQP_URL, SERVICE_NAME);
  await using queue = await DeadLetterQueue.open(session.connection);
  await perform({ configuration, session, queue, signal });
}

async function list(json: boolean, { queue, signal }: Context): Promise<void> {
  const columns = Deno.stdout.isTerminal() ? Deno.consoleSize().columns : undefined;
  let count = 0;
  for await (const message of queue.messages(signal)) {
    const letter = await readDeadLetter(message);
    if (!json && count === 0) console.log(TABLE_HEAD);
    console.log(json ? `${count === 0 ? "[" : ","}${toJson(letter)}` : tableRow(letter, columns));
    count++;
  }
  if (json) console.log(count === 0 ? "[]" : "]");
  else if (count === 0) console.log("There are no dead letters");
}

async function show(
  id: string,
  { json, body }: { readonly json?: boolean; readonly body?: boolean },
  context: Context,
): Promise<void> {
  const message = await find(id, context);
  const letter = await readDeadLetter(message);
  const content = body ? message.content : undefined;
  if (json) return console.log(toJson(letter, content));
  console.log(describeDeadLetter(letter, await pageOf(letter)));
  if (content !== undefined) console.log(`\n${describeContent(content)}`);
}

/** The page of an email. With --amqp the message server is unknown. */
async function pageOf({ traceId, id }: DeadLetter): Promise<string | undefined> {
  const { amqp, state } = commandLine.opts();
  const server = amqp === undefined ? (await readRunning(state))?.urls.messageServer : undefined;
  return server && traceId && pageUrl(server, traceId, id);
}

async function sendAgain(id: string | undefined, context: Context): Promise<void> {
  const { configuration, session, queue } = context;
  const messages = await chosen(id, context);
  await using tracing = await startTracing(telemetryOf(SERVICE_NAME, configuration));
  const publisher = tracedPublisher(session.publisher, {
    tracing,
    spanName: "amqp-publish",
    node: () => session.node,
  });
  const { count, failure } = await requeue(messages, {
    remove: (message) => queue.remove(message),
    publisher,
    appId: `${SERVICE_NAME}/${VERSION}`,
  });
  if (count > 0 || id === undefined) console.log(`Requeued ${id ?? numbered(count)}`);
  if (failure === undefined) return;
  const { id: failed = "the others", reason } = failure;
  throw new Error(
    `Cannot requeue ${failed}: ${reason}; list the dead letters, and try again later`,
  );
}

async function dropForGood(id: string | undefined, yes: boolean, context: Context): Promise<void> {
  const { configuration, queue } = context;
  const messages = await chosen(id, context);
  const total = id === undefined ? await queue.count() : 1;
  const what = id === undefined ? numbered(total) : `the email ${id}`;
  const message = `Delete ${what} for good?`;
  if (!yes && total > 0 && await confirm({ message, initialValue: false }) !== true) {
    console.log("Nothing was dropped");
    Deno.exitCode = 1;
    return;
  }
  await using tracing = await startTracing(telemetryOf(SERVICE_NAME, configuration));
  let count = 0;
  for await (const message of messages) {
    await drop(message, () => queue.remove(message), tracing);
    count++;
  }
  console.log(`Dropped ${id ?? numbered(count)}`);
}

async function chosen(
  id: string | undefined,
  context: Context,
): Promise<AsyncIterable<GetMessage> | Iterable<GetMessage>> {
  return id === undefined
    ? counted(context.queue.messages(context.signal))
    : [await find(id, context)];
}

/** Shows progress on a terminal: ten thousand messages take a while. */
async function* counted(messages: AsyncIterable<GetMessage>): AsyncIterable<GetMessage> {
  const draw = liveArea(Deno.stderr);
  let count = 0;
  for await (const message of messages) {
    yield message;
    if (++count % 1_000 === 0 && Deno.stderr.isTerminal()) draw(numbered(count));
  }
}

async function find(id: string, { queue, signal }: Context): Promise<GetMessage> {
  const [message] = await Array.fromAsync(queue.find([id], signal));
  if (message !== undefined) return message;
  signal.throwIfAborted();
  const { amqp, state } = commandLine.opts();
  // A broker's URL may contain a password, which must not be printed.
  const command = amqp === undefined
    ? taskCommand("dead-letters list", state)
    : "deno task dead-letters list, with the same --amqp";
  throw new Error(`Cannot find a dead letter of the email ${id}; see ${command}`);
}

function numbered(count: number): string {
  return `${count} dead letter${count === 1 ? "" : "s"}`;
}
