/**
 * Runs stand-ins together in one process, for `deno task dev`. When all listen, it writes one line: `READY` and the services'
 * variables as JSON. A fault of a service is a line `SETTINGS` (`launcher_link.ts`). `ZIPKIN_URL` names a
 * real Zipkin, before which faults strike.
 *
 * @module
 */
import { Argument, Option } from "@commander-js/extra-typings";
import { stopRequested } from "@playground/shared/lifecycle";
import { LOG_FORMATS, logToConsole } from "@playground/shared/logging";
import { lessonRoutesOf } from "@playground/tasks/lesson";
import { mysteryRoutes } from "@playground/tasks/mystery";
import { portNumber, startStandInCommand } from "./command.ts";
import { LauncherLink } from "./launcher_link.ts";
import { ANY_PORTS, STAND_IN_NAMES, startStandIns } from "./mod.ts";

const commandLine = startStandInCommand(
  "tasks/standins/main.ts",
  "Runs stand-ins together, until Ctrl-C or the end of standard input.",
)
  .addArgument(new Argument("[name...]", "which ones").choices(STAND_IN_NAMES))
  .option("--any-port", "take any free ports instead of the usual ones")
  .option("--amqp-port <port>", "use this port, or the next free one; likewise below", portNumber)
  .option("--mongodb-port <port>", "", portNumber)
  .option("--zipkin-port <port>", "", portNumber)
  .option("--smtp-port <port>", "", portNumber)
  .option("--mailtrap-api-port <port>", "", portNumber)
  .option("--faults-port <port>", "", portNumber)
  .option("--page-url <url>", "the message server's page, which the stand-ins' pages link to")
  .option("--launched", "let faults of services write SETTINGS lines, each answered by a line")
  .addOption(
    new Option("--log-format <form>", "the form of log records (default: pretty on a terminal)")
      .choices(LOG_FORMATS),
  )
  .parse(Deno.args, { from: "user" });
const { state: stateDirectory, anyPort, logFormat, pageUrl, launched, ...ports } = commandLine
  .opts();

await logToConsole({ LOG_LEVEL: "warning", LOG_FORMAT: logFormat });
const [names] = commandLine.processedArgs;
const launcher = new LauncherLink((line) => console.log(line));
await using standIns = await startStandIns(names, anyPort ? ANY_PORTS : ports, {
  stateDirectory,
  pageUrl,
  collections: (faults) => ({
    mystery: mysteryRoutes(faults),
    ...(stateDirectory !== undefined && { lessons: lessonRoutesOf(stateDirectory) }),
  }),
  zipkinUrl: Deno.env.get("ZIPKIN_URL"),
  applySettings: launched ? launcher.apply : undefined,
});
console.log(`READY ${JSON.stringify(standIns.variables)}`);
await stopRequested({ atStdinEof: true, onStdin: launcher.read });
