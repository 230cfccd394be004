/**
 * `deno task down`: stops and removes the containers. What RabbitMQ, MongoDB and the Mailtrap stand-in keep stays in their volumes.
 *
 * @module
 */
import { taskCommandLine } from "@playground/tasks/terminal";
import { envFileOption } from "./arguments.ts";
import { checkDocker, runCompose } from "./docker.ts";

const { volumes, envFile } = taskCommandLine(
  "down",
  "Stops and removes the containers that deno task up started.",
)
  .option("--volumes", "forget the emails and queues, too")
  .addOption(envFileOption())
  .parse(Deno.args, { from: "user" }).opts();

const docker = await checkDocker();
if (!docker.ok) {
  console.error(`Cannot stop the containers: ${docker.problem}`);
  Deno.exit(1);
}
Deno.exit(
  await runCompose(["down", "--remove-orphans", ...(volumes ? ["--volumes"] : [])], {
    envFile,
  }),
);
