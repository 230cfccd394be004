/**
 * `deno task down`: stops and removes the containers. What RabbitMQ, MongoDB and the Mailtrap stand-in keep stays in their volumes.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { COMMON_OPTIONS, readArguments } from "./arguments.ts";
import { checkDocker, runCompose } from "./docker.ts";

const { values, envFile } = readArguments(
  `Stops and removes the containers that deno task up started.

Usage: deno task down [options]

  --volumes         forget the emails and queues, too
  --env-file FILE   the settings (default .env)
  --help            this text`,
  () =>
    parseArgs({
      args: Deno.args,
      options: { ...COMMON_OPTIONS, volumes: { type: "boolean", default: false } },
    }),
);

const docker = await checkDocker();
if (!docker.ok) {
  console.error(`Cannot stop the containers: ${docker.problem}`);
  Deno.exit(1);
}
Deno.exit(
  await runCompose(["down", "--remove-orphans", ...(values.volumes ? ["--volumes"] : [])], {
    envFile,
  }),
);
