/**
 * `deno task poll`: polls the inbox once, now, with the mail poller itself. It takes its settings from `.env`, the environment
 * and the running development system.
 *
 * @module
 */
import { stopRequested } from "@playground/shared/lifecycle";
import {
  notRunning,
  readRunning,
  readSettings,
  stateOption,
} from "@playground/tasks/running-system";
import { environmentOf, ManagedProcess, serviceArgs } from "@playground/tasks/system";
import { EXIT_STOPPED, fail, startTask, taskCommandLine } from "@playground/tasks/terminal";

const { state: stateDirectory } = taskCommandLine(
  "poll",
  "Polls the inbox once, now, and says what was archived. Exit code 1 if something failed.",
).addOption(stateOption()).parse(startTask(), { from: "user" }).opts();
const settings = {
  LOG_FORMAT: "pretty",
  ...await readSettings(),
  ...(await readRunning(stateDirectory))?.variables,
};
const missing = ["MONGODB_URL", "MAILTRAP_BOXID", "MAILTRAP_TOKEN"]
  .filter((name) => !(name in settings));
if (missing.length > 0) {
  const why = `not set, and ${notRunning(stateDirectory)}`;
  fail(`Cannot poll: ${missing.join(", ")}: ${why}, or set what is missing in .env`);
}
const poller = new ManagedProcess({
  name: "mail-poller",
  args: [...serviceArgs("mail-poller", settings), "--once"],
  environment: environmentOf("mail-poller", settings),
  onLine: (line) => console.log(line),
});
const stopped = stopRequested().then(() => {
  // The next poll finds its mails again.
  poller.kill();
  return EXIT_STOPPED;
});
Deno.exit(await Promise.race([stopped, poller.ended.then(({ code }) => code)]));
