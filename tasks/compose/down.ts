/**
 * `deno task down`: stops and removes the containers. The data of RabbitMQ, MongoDB and the Mailtrap stand-in stays in its
 * volumes.
 *
 * @module
 */
import { startTask, taskCommandLine } from "@playground/tasks/terminal";
import { envFileOption, requireDocker, runCompose } from "./docker.ts";

const { volumes, envFile } = taskCommandLine(
  "down",
  "Stops and removes the containers that deno task up started.",
)
  .option("--volumes", "delete the emails and queues, too")
  .addOption(envFileOption())
  .parse(startTask(), { from: "user" }).opts();

await requireDocker("stop the containers");
const args = ["down", "--remove-orphans", ...(volumes ? ["--volumes"] : [])];
Deno.exit(await runCompose(args, envFile));
