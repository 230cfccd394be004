/**
 * `deno task poll`: polls the inbox once, now, with the mail poller itself. It takes its settings from `.env` and the environment
 * and, where the development system runs, from there.
 *
 * @module
 */
import type { Environment } from "@playground/shared/configuration";
import { environmentOf, ManagedProcess, permissionFlags, SERVICES } from "@playground/tasks/system";
import {
  notRunning,
  readRunningVariables,
  readSettings,
  ROOT,
  stateOption,
} from "@playground/tasks/running-system";
import { taskCommandLine } from "@playground/tasks/terminal";

const { state: stateDirectory } = taskCommandLine(
  "poll",
  "Polls the inbox once, now, and says what was archived. Exit code 1 if something failed.",
).addOption(stateOption()).parse(Deno.args, { from: "user" }).opts();
const settings: Environment = {
  LOG_FORMAT: "pretty",
  ...await readSettings(ROOT),
  ...await readRunningVariables(stateDirectory),
};
const missing = ["MONGODB_URL", "MAILTRAP_BOXID", "MAILTRAP_TOKEN"].filter((name) =>
  settings[name] === undefined
);
if (missing.length > 0) {
  console.error(
    `Cannot poll: ${missing.join(", ")}: not set, and ${
      notRunning(stateDirectory)
    }, or set what is missing in .env`,
  );
  Deno.exit(1);
}
await using poller = new ManagedProcess({
  name: "mail-poller",
  args: [
    "run",
    ...permissionFlags("mail-poller", settings),
    SERVICES["mail-poller"].entryPoint,
    "--once",
  ],
  environment: environmentOf("mail-poller", settings),
  cwd: ROOT,
  onLine: (line) => console.log(line),
});
const { code } = await poller.ended;
Deno.exit(code);
