/**
 * `deno task dev`: starts the whole system with one command.
 *
 * It takes a lock, reads the settings, starts a stand-in for each backing service that they do not name, then the three services,
 * each a process of its own, and waits until all are ready. Ctrl-C stops the services first, so that their last spans still find
 * the collector, and the stand-ins last.
 *
 * @module
 */
import { stopRequested } from "@playground/shared/lifecycle";
import {
  clearState,
  readRunning,
  readSettings,
  removeRunning,
  stateOption,
  takeLock,
  writeRunning,
} from "@playground/tasks/running-system";
import { readAll, SERVICE_NAMES, STAND_INS, startSystem } from "@playground/tasks/system";
import { fail, failWith, startTask, taskCommandLine } from "@playground/tasks/terminal";
import { openPage } from "./open_page.ts";
import { describeSystem, prefixedOutput } from "./output.ts";

const { fresh, open, state: stateDirectory } = taskCommandLine(
  "dev",
  `Starts the three services, and a stand-in for each backing service that neither the environment nor .env names (AMQP_URL, MONGODB_URL, ZIPKIN_URL, MAILTRAP_USER and the other three). Ctrl-C stops it.`,
)
  .option("--fresh", "delete the emails, traces and queues of earlier runs")
  .option("--open", "open the page in the browser")
  .addOption(stateOption("where to keep the state; the other commands take the same option"))
  .parse(startTask(), { from: "user" }).opts();

const startedAt = performance.now();
using lock = await takeLock(stateDirectory);
if (lock === undefined) {
  const running = await readRunning(stateDirectory);
  const where = running === undefined ? "it is starting" : `at ${running.urls.messageServer}`;
  fail(`Cannot start: the playground already runs, ${where}; use that, or stop it with Ctrl-C`);
}
// Also after a second Ctrl-C, at the time limit of a stop, and after a failure.
addEventListener("unload", () => removeRunning(stateDirectory));
removeRunning(stateDirectory);
if (fresh) await clearState(stateDirectory);

const settings = await readSettings();
const read = readAll(settings);
if (!read.ok) fail("Cannot start: the settings are not valid", read.problems);

const stop = new AbortController();
const stopping = stopRequested({ atStdinEof: read.server.STOP_AT_STDIN_EOF })
  .then(() => stop.abort(new Error("stopped")));
try {
  await using system = await startSystem({
    settings,
    embedded: read.embedded,
    stateDirectory,
    outputOf: prefixedOutput([...SERVICE_NAMES, STAND_INS]),
    signal: stop.signal,
  });
  writeRunning(stateDirectory, system);
  const startMs = performance.now() - startedAt;
  console.log(describeSystem(system, read.embedded, startMs, stateDirectory));
  if (open) {
    openPage(new URL(system.urls.messageServer).href)
      .then((problem) => problem === undefined || console.error(problem));
  }
  await Promise.race([stopping, system.gaveUp]);
  // Commands must not find a system that is about to stop.
  removeRunning(stateDirectory);
  console.log("\nStopping; Ctrl-C again ends everything at once");
} catch (error) {
  if (!stop.signal.aborted) failWith(error);
}
Deno.exit(0);
