import { parseArgs } from "node:util";
import { STATE_OPTION, stateDirectoryOf, stateOptionHelp } from "@playground/tasks/running-system";
import { type ParsedCommandLine } from "@playground/tasks/terminal";

/** Which dead letters a command is about. */
export type Target =
  /** The one of this email. */
  | { readonly kind: "one"; readonly id: string }
  /** All that are there when the command starts. */
  | { readonly kind: "all" };

/** What to do. */
export type DeadLettersCommand =
  | { readonly name: "list"; readonly json: boolean }
  | { readonly name: "show"; readonly id: string; readonly json: boolean; readonly body: boolean }
  | { readonly name: "requeue"; readonly target: Target }
  | { readonly name: "drop"; readonly target: Target; readonly yes: boolean };

/** A command and where to run it, a wish for help, or what is wrong. */
export type ParsedArguments = ParsedCommandLine<DeadLettersRun>;

/** A command, and where to run it. */
export interface DeadLettersRun {
  /** Says that this is to be run. */
  readonly kind: "run";
  /** What to do. */
  readonly command: DeadLettersCommand;
  /** The broker; absent: that of the settings, or of the running development system. */
  readonly amqpUrl?: string | undefined;
  /** Where the development system keeps its state. */
  readonly stateDirectory: string;
}

/** What `--help` tells. */
export const HELP =
  `Looks after the emails that could not be sent: the messages of the queue send-email.dead.

Usage: deno task dead-letters [command] [options]

  list                 when, which email, how many attempts, why; the default
    --json             write one JSON array
  show ID              everything about one but the mail itself
    --body             the mail as well: it is somebody's
    --json             write one JSON document
  requeue ID | --all   send again, from attempt 1, in the same trace; the dead letter goes once the broker has
                       confirmed the new message
  drop ID | --all      forget for good; asks first
    --yes              do not ask; needed where there is no terminal

  --amqp URL           the broker (default: AMQP_URL of the environment or .env, else the running deno task dev)
${stateOptionHelp(23)}
  --help               this text

ID is the email's id. While one command looks at a dead letter, another one does not see it. Exit code: 0 done;
1 the broker cannot be reached, there is no such dead letter, or it could not be requeued; 2 wrong usage.`;

/** Reads the command line. */
export function parseArguments(args: readonly string[]): ParsedArguments {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        all: { type: "boolean" },
        json: { type: "boolean" },
        body: { type: "boolean" },
        yes: { type: "boolean", short: "y" },
        amqp: { type: "string" },
        ...STATE_OPTION,
        help: { type: "boolean", short: "h" },
      },
    });
    if (values.help) return { kind: "help" };
    const { amqp: amqpUrl, state, ...flags } = values;
    const command = commandOf(positionals, flags);
    return typeof command === "string"
      ? usage(command)
      : { kind: "run", command, amqpUrl, stateDirectory: stateDirectoryOf({ state }) };
  } catch (error) {
    return usage(error instanceof Error ? error.message : String(error));
  }
}

interface Flags {
  readonly all?: boolean;
  readonly json?: boolean;
  readonly body?: boolean;
  readonly yes?: boolean;
}

/** The flags that each command takes; any other one is a mistake that must not go unnoticed. */
const FLAGS: Readonly<Record<DeadLettersCommand["name"], readonly (keyof Flags)[]>> = {
  list: ["json"],
  show: ["json", "body"],
  requeue: ["all"],
  drop: ["all", "yes"],
};

/** The command, or what is wrong. */
function commandOf(positionals: readonly string[], flags: Flags): DeadLettersCommand | string {
  const [name = "list", id, ...rest] = positionals;
  if (!isCommandName(name)) {
    return `there is no command "${name}"; give one of ${Object.keys(FLAGS).join(", ")}`;
  }
  const [foreign] = Object.keys(flags).filter((flag) => !FLAGS[name].some((own) => own === flag));
  if (foreign !== undefined) return `${name} takes no --${foreign}; leave it out`;
  if (rest.length > 0) return `${name} takes one ID; give the others one by one`;
  const { json = false, body = false, yes = false, all = false } = flags;
  switch (name) {
    case "list":
      return id === undefined ? { name, json } : `list takes no ID; use show ${id}`;
    case "show":
      return id === undefined ? "show needs an ID; list tells them" : { name, id, json, body };
    case "requeue":
    case "drop": {
      if (all === (id !== undefined)) return `${name} needs either an ID or --all`;
      const target: Target = id === undefined ? { kind: "all" } : { kind: "one", id };
      return name === "drop" ? { name, target, yes } : { name, target };
    }
  }
}

function isCommandName(name: string): name is DeadLettersCommand["name"] {
  return Object.hasOwn(FLAGS, name);
}

function usage(problem: string): ParsedArguments {
  return { kind: "usage", problem };
}
