import { join } from "node:path";
import { answerCommandLine, stopRequested } from "@playground/shared/lifecycle";
import { privateFile } from "@playground/tasks/private-state";
import { portNumber, startStandInCommand } from "../command.ts";
import { LOOPBACK } from "../listen.ts";
import { ACCOUNT_ID } from "./api_styles.ts";
import { startMailtrap, USUAL_API_PORT, USUAL_SMTP_PORT } from "./mod.ts";

// `../main.ts` runs it beside the others; this is what a container runs, for clients on other machines.
const commandLine = startStandInCommand(
  "tasks/standins/mailtrap/main.ts",
  "The embedded stand-in for Mailtrap: an SMTP server, the API, and an inbox page",
)
  .option(
    "--smtp-port <port>",
    "SMTP port, or the next free one; 0 for any",
    portNumber,
    USUAL_SMTP_PORT,
  )
  .option(
    "--api-port <port>",
    "port of the API and inbox page, or the next free one; 0 for any",
    portNumber,
    USUAL_API_PORT,
  )
  .option(
    "--ca <file>",
    "where to write the private authority's certificate (default: the state folder, or a temporary file)",
  )
  .option(
    "--host <address>",
    "the address to listen on; wider than loopback only in a container",
    LOOPBACK,
  )
  .option(
    "--name <name>",
    "a name under which clients reach it, for its certificate and in HTTP requests; may be repeated",
    (name: string, names: readonly string[]) => [...names, name],
    [],
  )
  .addHelpText(
    "after",
    "\n`healthcheck [options]` checks the health of one that runs with the same options.",
  );
const optionsFrom = (args: readonly string[]) => commandLine.parse(args, { from: "user" }).opts();

await answerCommandLine({
  service: "mailtrap-stand-in",
  health() {
    const { host, apiPort } = optionsFrom(Deno.args.slice(1));
    return { hostname: host, port: apiPort };
  },
});

const { host, name: names, smtpPort, apiPort, state, ca } = optionsFrom(Deno.args);
await using resources = new AsyncDisposableStack();
const mailtrap = resources.use(
  await startMailtrap({ hostname: host, names, smtpPort, apiPort, stateDirectory: state }),
);
const inStateDirectory = state === undefined ? undefined : join(state, "mailtrap-ca.pem");
const caFile = ca ?? inStateDirectory ??
  resources.adopt(await Deno.makeTempFile({ suffix: ".pem" }), (path) => Deno.remove(path));
if (caFile === inStateDirectory) privateFile(caFile);
await Deno.writeTextFile(caFile, mailtrap.variables.SMTP_CA ?? "");
console.log(`Listening on ${mailtrap.url}; Ctrl-C ends it\n`);
const variables = { ...mailtrap.variables, SMTP_CA: caFile, MAILTRAP_ACCOUNT_ID: ACCOUNT_ID };
for (const [name, value] of Object.entries(variables)) console.log(`${name}=${value}`);
await stopRequested();
