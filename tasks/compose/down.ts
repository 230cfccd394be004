/**
 * `deno task down`: stops and removes the containers. What RabbitMQ, MongoDB and the Mailtrap stand-in keep stays in their volumes.
 *
 * @module
 */
import { taskCommandLine } from "@playground/tasks/terminal";
import { envFileOption, requireDocker, runCompose } from "./docker.ts";

const { volumes, envFile } = taskCommandLine(
  "down",
  "Stops and removes the containers that deno task up started.",
)
  .option("--volumes", "forget the emails and queues, too")
  .addOption(envFileOption())
  .parse(Deno.args, { from: "user" }).opts();

await requireDocker("stop the containers");
const args = ["down", "--remove-orphans", ...(volumes ? ["--volumes"] : [])];
Deno.exit(await runCompose(args, envFile));
