/**
 * `deno task logs`: shows what the containers say.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { COMMON_OPTIONS, readArguments } from "./arguments.ts";
import { checkDocker, runCompose } from "./docker.ts";

const { values, positionals, envFile } = readArguments(
  `Shows what the containers that deno task up started have said, and goes on until Ctrl-C.

Usage: deno task logs [options] [NAME …]

  NAME              such as emailer or rabbitmq (default: all)
  --no-follow       show what there is and end
  --tail LINES      the last lines of each (default 100)
  --env-file FILE   the settings (default .env)
  --help            this text`,
  () =>
    parseArgs({
      args: Deno.args,
      allowPositionals: true,
      allowNegative: true,
      options: {
        ...COMMON_OPTIONS,
        follow: { type: "boolean", default: true },
        tail: { type: "string", default: "100" },
      },
    }),
);

const docker = await checkDocker();
if (!docker.ok) {
  console.error(`Cannot show the logs: ${docker.problem}`);
  Deno.exit(1);
}
Deno.exit(
  await runCompose([
    "logs",
    `--tail=${values.tail}`,
    ...(values.follow ? ["--follow"] : []),
    ...positionals,
  ], { envFile }),
);
