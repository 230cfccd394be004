/**
 * Runs stand-ins together in one process, for `deno task dev`. When all listen, it writes one line: `READY` and the services'
 * variables as JSON.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { stopRequested } from "@playground/shared/lifecycle";
import { logToConsole } from "@playground/shared/logging";
import { portNumber } from "./command.ts";
import { ANY_PORTS, STAND_IN_NAMES, type StandInPorts, startStandIns } from "./mod.ts";

const { values, positionals } = parseArgs({
  args: Deno.args,
  allowPositionals: true,
  options: {
    state: { type: "string" },
    "log-format": { type: "string" },
    "any-port": { type: "boolean", default: false },
    "amqp-port": { type: "string" },
    "mongodb-port": { type: "string" },
    "zipkin-port": { type: "string" },
    "smtp-port": { type: "string" },
    "mailtrap-api-port": { type: "string" },
    "faults-port": { type: "string" },
    help: { type: "boolean", short: "h" },
  },
});
const names = STAND_IN_NAMES.filter((name) => positionals.includes(name));

if (values.help || names.length === 0) {
  console.log(`Runs stand-ins together, until Ctrl-C or the end of standard input.

Usage: deno run -P=standins tasks/standins/main.ts [options] NAME …

  NAME                  one or several of: ${STAND_IN_NAMES.join(", ")}
  --state DIR           keep the state in this folder (default: in memory)
  --any-port            take any free ports instead of the usual ones
  --amqp-port PORT      and --mongodb-port, --zipkin-port, --smtp-port, --mailtrap-api-port,
                        --faults-port: take this port, or the next free one
  --log-format FORM     pretty or json (default: pretty on a terminal)
  --help                this text`);
  Deno.exit(values.help ? 0 : 2);
}

await logToConsole({
  level: "warning",
  format: values["log-format"] === "pretty" ? "pretty" : undefined,
});
const portOf = (text: string | undefined) => text === undefined ? undefined : portNumber(text);
const ports: StandInPorts = values["any-port"] ? ANY_PORTS : {
  amqp: portOf(values["amqp-port"]),
  mongodb: portOf(values["mongodb-port"]),
  zipkin: portOf(values["zipkin-port"]),
  smtp: portOf(values["smtp-port"]),
  mailtrapApi: portOf(values["mailtrap-api-port"]),
  faults: portOf(values["faults-port"]),
};
await using standIns = await startStandIns(names, ports, values.state);
console.log(`READY ${JSON.stringify(standIns.variables)}`);
await stopRequested({ atStdinEof: true });
