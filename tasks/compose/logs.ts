/**
 * `deno task logs`: shows the containers' output.
 *
 * @module
 */
import { startTask, taskCommandLine } from "@playground/tasks/terminal";
import { envFileOption, requireDocker, runCompose } from "./docker.ts";

const commandLine = taskCommandLine(
  "logs",
  "Shows the output of the containers that deno task up started, until Ctrl-C.",
)
  .argument("[name...]", "such as emailer or rabbitmq (default: all)")
  .option("--no-follow", "show what there is, then exit")
  .option("--tail <lines>", "the last lines of each", "100")
  .addOption(envFileOption())
  .parse(startTask(), { from: "user" });
const { follow, tail, envFile } = commandLine.opts();

await requireDocker("show the logs");
const args = ["logs", `--tail=${tail}`, ...(follow ? ["--follow"] : []), ...commandLine.args];
Deno.exit(await runCompose(args, envFile));
