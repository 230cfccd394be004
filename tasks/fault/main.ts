/**
 * `deno task fault`: lists, sets and clears the faults of the stand-ins while the system runs.
 *
 * The words of the command line become one request to the control API of the running development system; its answer is told.
 *
 * @module
 */
import { definitionOf, type Fault, FAULT_NAMES, isFaultName } from "@playground/tasks/faults";
import { notRunning, readUrls, taskCommand, withOption } from "@playground/tasks/running-system";
import { commandLine, type FaultCommand, parseCommand } from "./arguments.ts";
import { type FaultAnswer, FaultsClient } from "@playground/tasks/clients/faults";
import { nearest } from "./nearest.ts";
import { describeCommand, describeFaults, describeState } from "./report.ts";

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;

Deno.exit(await run());

async function run(): Promise<number> {
  commandLine.parse(Deno.args, { from: "user" });
  const { url: givenUrl, state: stateDirectory, json = false } = commandLine.opts();
  const commandTo = (words: string) =>
    givenUrl === undefined
      ? taskCommand(words, stateDirectory)
      : withOption(`deno task ${words}`, "url", givenUrl.href);
  const command = parseCommand(commandLine.args);
  if (command.kind === "usage") return usage(command.problem);
  if (command.kind !== "list" && command.name !== undefined && !isFaultName(command.name)) {
    const meant = nearest(command.name, FAULT_NAMES);
    const hint = meant === undefined
      ? `${commandTo("fault")} lists them`
      : `did you mean ${meant}?`;
    return usage(`there is no fault ${command.name}; ${hint}`);
  }
  const url = givenUrl ?? await runningControlApi(command, stateDirectory);
  if (url === undefined) return EXIT_FAILED;
  return await execute(command, new URL(url), commandTo, json);
}

async function execute(
  command: FaultCommand,
  url: URL,
  commandTo: (words: string) => string,
  json: boolean,
): Promise<number> {
  const client = new FaultsClient(url);
  const toLines = (faults: readonly Fault[]) => describeFaults(faults, Date.now(), commandTo);
  const toLine = (fault: Fault) => describeState(fault, Date.now());
  const tell = <Value>(answer: FaultAnswer<Value>, describe: (value: Value) => string): number => {
    if (answer.status !== "ok") return explain(command, answer, url);
    console.log(json ? JSON.stringify(answer.value) : describe(answer.value));
    return 0;
  };
  switch (command.kind) {
    case "list":
      return tell(await client.list(), toLines);
    case "set":
      return tell(await client.set(command.name, command.setting), toLine);
    case "clear":
      return command.name === undefined
        ? tell(await client.clearAll(), () => "No fault is on any more")
        : tell(await client.clear(command.name), toLine);
  }
}

/** Says why there is no answer that could be told. */
function explain(
  command: FaultCommand,
  answer: Exclude<FaultAnswer<unknown>, { readonly status: "ok" }>,
  url: URL,
): number {
  switch (answer.status) {
    case "refused":
      console.error(`${answer.reason}; see deno task fault --help`);
      return EXIT_USAGE;
    case "unknown":
      console.error(
        `Cannot ${describeCommand(command)}: no stand-in runs for ${partOf(command)}, ` +
          "what is configured is used instead; unset its variables and start deno task dev again",
      );
      return EXIT_FAILED;
    case "unreachable": {
      const address = `${url.origin}${url.pathname.replace(/\/$/, "")}`;
      console.error(
        `Cannot reach the stand-ins at ${address}: ${answer.reason}; is deno task dev running?`,
      );
      return EXIT_FAILED;
    }
  }
}

/** Where the control API of the running development system is. Says so when there is none. */
async function runningControlApi(
  command: FaultCommand,
  stateDirectory: string,
): Promise<string | undefined> {
  const urls = await readUrls(stateDirectory);
  const what = describeCommand(command);
  if (urls === undefined) {
    console.error(`Cannot ${what}: ${notRunning(stateDirectory)}`);
  } else if (urls.faults === undefined) {
    console.error(
      `Cannot ${what}: no stand-in runs, each backing service is configured; ` +
        "unset AMQP_URL, MONGODB_URL, ZIPKIN_URL or the MAILTRAP_ variables " +
        `and start ${taskCommand("dev", stateDirectory)} again`,
    );
  }
  return urls?.faults;
}

function partOf(command: FaultCommand): string {
  return command.kind !== "list" && command.name !== undefined && isFaultName(command.name)
    ? definitionOf(command.name).part
    : "this part";
}

function usage(problem: string): number {
  console.error(`Cannot understand the command: ${problem}; see deno task fault --help`);
  return EXIT_USAGE;
}
