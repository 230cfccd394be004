import { join } from "node:path";
import { parseArgs } from "node:util";
import { answerCommandLine, stopRequested } from "@playground/shared/lifecycle";
import { privateFile } from "@playground/tasks/private-state";
import { portNumber } from "../command.ts";
import { LOOPBACK } from "../listen.ts";
import { startMailtrap, USUAL_API_PORT, USUAL_SMTP_PORT } from "./mod.ts";

const USAGE = `The embedded stand-in for Mailtrap: an SMTP server, the API, and an inbox page

Usage: deno run -P=standins tasks/standins/mailtrap/main.ts [options]

  --smtp-port PORT   SMTP there, or on the next free port (default ${USUAL_SMTP_PORT}, 0 for any)
  --api-port PORT    API and inbox page there, or on the next free port (default ${USUAL_API_PORT}, 0 for any)
  --state DIR        keep the state in this folder (default: in memory)
  --ca FILE          write the certificate of the private authority there (default: into the state
                     folder, or a temporary file)
  --host ADDRESS     listen there (default 127.0.0.1; wider only in a container)
  --name NAME        a name under which clients reach it, for its certificate and in HTTP requests;
                     may be repeated
  --help             this text

\`healthcheck [options]\` asks the one that runs with the same options whether it is well.`;

// `runAlone` tells people one URL only; this stand-in has two addresses, credentials and a certificate to tell.
const values = readArguments();
if (values.help) {
  console.log(USAGE);
  Deno.exit(0);
}
const apiPort = portNumber(values["api-port"]);
await answerCommandLine({
  service: "mailtrap-stand-in",
  health: () => ({ hostname: values.host, port: apiPort }),
});

await using resources = new AsyncDisposableStack();
const mailtrap = resources.use(
  await startMailtrap({
    hostname: values.host,
    names: values.name,
    smtpPort: portNumber(values["smtp-port"]),
    apiPort,
    stateDirectory: values.state,
  }),
);
const inStateDirectory = values.state === undefined
  ? undefined
  : join(values.state, "mailtrap-ca.pem");
const caFile = values.ca ?? inStateDirectory ??
  resources.adopt(await Deno.makeTempFile({ suffix: ".pem" }), (path) => Deno.remove(path));
if (caFile === inStateDirectory) privateFile(caFile);
await Deno.writeTextFile(caFile, mailtrap.caPem);
console.log(`Listening on ${mailtrap.url}; Ctrl-C ends it

  SMTP       ${mailtrap.smtp.host}:${mailtrap.smtp.port}, STARTTLS
  user       ${mailtrap.user}
  password   ${mailtrap.password}
  CA         ${caFile}

  API        ${mailtrap.apiUrl}
  token      ${mailtrap.token}
  box id     ${mailtrap.boxId}
  account id ${mailtrap.accountId}`);
await stopRequested();

function readArguments() {
  try {
    return parseArgs({
      args: Deno.args[0] === "healthcheck" ? Deno.args.slice(1) : Deno.args,
      options: {
        "smtp-port": { type: "string", default: String(USUAL_SMTP_PORT) },
        "api-port": { type: "string", default: String(USUAL_API_PORT) },
        state: { type: "string" },
        ca: { type: "string" },
        host: { type: "string", default: LOOPBACK },
        name: { type: "string", multiple: true, default: [] },
        version: { type: "boolean" },
        help: { type: "boolean", short: "h", default: false },
      },
    }).values;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    console.error(`Cannot read the options: ${error.message}; see --help`);
    return Deno.exit(2);
  }
}
