/**
 * `deno task fault`: lists, sets and clears the faults of the stand-ins while the system runs.
 *
 * The words of the command line become one request to the control API of the running development system; its answer is printed.
 *
 * @module
 */
import { definitionOf } from "@playground/tasks/faults";
import { type FaultAnswer, FaultsClient } from "@playground/tasks/clients/faults";
import {
  notRunning,
  readRunning,
  stateOption,
  taskCommand,
  withOption,
} from "@playground/tasks/running-system";
import { fail, failUsage, startTask, taskCommandLine, url } from "@playground/tasks/terminal";
import {
  describeCommand,
  describeFaults,
  describeState,
  type FaultCommand,
  parseCommand,
} from "./command.ts";

const commandLine = taskCommandLine("fault", "Makes the stand-ins fail while the system runs.")
  .argument("[words...]", "see below")
  .option("--url <url>", "the control API (default: the one that deno task dev started)", url)
  .addOption(stateOption())
  .option("--json", "write JSON")
  .addHelpText(
    "after",
    `
deno task fault                                          lists the faults, and which are on
deno task fault NAME[=VALUE] [probability=P] [for=TIME]  switches a fault on
deno task fault clear [NAME]                             switches one off, or all of them

  probability=P   how often it strikes where it could, from 0 to 1 (default: 1)
  for=TIME        ends it after 500ms, 60s, 5m … (default: it stays until it is cleared)

Example: deno task fault smtp.reply=451 probability=0.3 for=60s
tasks/standins/faults.md explains, for each fault, what the trace shows and why.`,
  )
  .parse(startTask(), { from: "user" });

const { url: givenUrl, state: stateDirectory, json } = commandLine.opts();
const parsed = parseCommand(commandLine.args);
if (parsed.kind === "usage") commandLine.error(parsed.problem);
else await run(parsed);

async function run(command: FaultCommand): Promise<void> {
  const url = givenUrl ?? await runningControlApi(command);
  const commandTo = (words: string) =>
    givenUrl === undefined
      ? taskCommand(words, stateDirectory)
      : withOption(`deno task ${words}`, "url", givenUrl.href);
  const client = new FaultsClient(url);
  const tell = <Value>(answer: FaultAnswer<Value>, describe: (value: Value) => string) => {
    if (answer.status !== "ok") explain(command, answer, url);
    console.log(json ? JSON.stringify(answer.value) : describe(answer.value));
  };
  switch (command.kind) {
    case "list":
      return tell(await client.list(), (faults) => describeFaults(faults, commandTo));
    case "set":
      return tell(await client.set(command.name, command.setting), describeState);
    case "clear":
      return command.name === undefined
        ? tell(await client.clearAll(), () => "All faults are off")
        : tell(await client.clear(command.name), describeState);
  }
}

function explain(
  command: FaultCommand,
  answer: Exclude<FaultAnswer<unknown>, { readonly status: "ok" }>,
  url: URL,
): never {
  const cannot = `Cannot ${describeCommand(command)}`;
  const address = `${url.origin}${url.pathname.replace(/\/$/, "")}`;
  switch (answer.status) {
    case "refused":
      return failUsage(`${answer.reason}; see deno task fault --help`);
    case "unknown": {
      const part = command.kind !== "list" && command.name !== undefined
        ? definitionOf(command.name).part
        : "this part";
      return fail(
        `${cannot}: no stand-in runs for ${part}, the configured one is used; ` +
          "unset its variables and start deno task dev again",
      );
    }
    case "failed":
      return fail(
        `${cannot} at ${address}: ${answer.reason}; is that the control API? ` +
          "If so, the lines of deno task dev say more",
      );
    case "unreachable":
      return fail(
        `Cannot reach the stand-ins at ${address}: ${answer.reason}; is deno task dev running?`,
      );
  }
}

async function runningControlApi(command: FaultCommand): Promise<URL> {
  const running = await readRunning(stateDirectory);
  if (running?.urls.faults !== undefined) return new URL(running.urls.faults);
  const why = running === undefined
    ? notRunning(stateDirectory)
    : "no stand-in runs, since each backing service is configured; unset AMQP_URL, MONGODB_URL, ZIPKIN_URL " +
      `or the MAILTRAP_ variables and start ${taskCommand("dev", stateDirectory)} again`;
  fail(`Cannot ${describeCommand(command)}: ${why}`);
}
