import { stateOption } from "@playground/tasks/running-system";
import { taskCommandLine } from "@playground/tasks/terminal";

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

/** The options of every command. */
export interface CommonOptions {
  /** The broker; absent: that of the settings, or of the running development system. */
  readonly amqp?: string | undefined;
  /** Where the development system keeps its state. */
  readonly state: string;
}

/** Makes the command line of `deno task dead-letters`, which has each command run. */
export function commandLine(
  run: (command: DeadLettersCommand, options: CommonOptions) => Promise<void>,
) {
  const line = taskCommandLine(
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
  const targetOf = (
    command: { readonly error: (message: string) => never; readonly name: () => string },
    id: string | undefined,
    all = false,
  ): Target => {
    if (all === (id !== undefined)) command.error(`${command.name()} needs either an ID or --all`);
    return id === undefined ? { kind: "all" } : { kind: "one", id };
  };
  line.command("list", { isDefault: true })
    .description("when, which email, how many attempts, why; the default")
    .option("--json", "write one JSON array")
    .action(({ json = false }) => run({ name: "list", json }, line.opts()));
  line.command("show")
    .description("everything about one but the mail itself")
    .argument("<id>")
    .option("--body", "the mail as well: it is somebody's")
    .option("--json", "write one JSON document")
    .action((id, { json = false, body = false }) =>
      run({ name: "show", id, json, body }, line.opts())
    );
  line.command("requeue")
    .description("send again, from attempt 1, in the same trace")
    .argument("[id]")
    .option("--all", "every dead letter that is there now")
    .action((id, { all }, command) =>
      run({ name: "requeue", target: targetOf(command, id, all) }, line.opts())
    );
  line.command("drop")
    .description("forget for good; asks first")
    .argument("[id]")
    .option("--all", "every dead letter that is there now")
    .option("-y, --yes", "do not ask; needed where there is no terminal")
    .action((id, { all, yes = false }, command) =>
      run({ name: "drop", target: targetOf(command, id, all), yes }, line.opts())
    );
  return line;
}
