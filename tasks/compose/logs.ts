/**
 * `deno task logs`: shows what the containers say.
 *
 * @module
 */
import { taskCommandLine } from "@playground/tasks/terminal";
import { envFileOption, requireDocker, runCompose } from "./docker.ts";

const commandLine = taskCommandLine(
  "logs",
  "Shows what the containers that deno task up started have said, and goes on until Ctrl-C.",
)
  .argument("[name...]", "such as emailer or rabbitmq (default: all)")
  .option("--no-follow", "show what there is and end")
  .option("--tail <lines>", "the last lines of each", "100")
  .addOption(envFileOption())
  .parse(Deno.args, { from: "user" });
const { follow, tail, envFile } = commandLine.opts();

await requireDocker("show the logs");
const args = ["logs", `--tail=${tail}`, ...(follow ? ["--follow"] : []), ...commandLine.args];
Deno.exit(await runCompose(args, envFile));
