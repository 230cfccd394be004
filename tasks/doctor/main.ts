/**
 * `deno task doctor`: checks everything that the system needs and says what to fix.
 *
 * It checks this machine and reads the settings. If they are valid, it tries each backing service that they name as the services
 * would; the others have stand-ins. It changes nothing.
 *
 * @module
 */
import { readRunning, readSettings, stateOption } from "@playground/tasks/running-system";
import { startTask, taskCommandLine } from "@playground/tasks/terminal";
import { describeFindings, examine } from "./examine.ts";

const { state: stateDirectory } = taskCommandLine(
  "doctor",
  `Checks Deno, the usual ports, Docker, the settings, and every backing service that they name: whether it answers and accepts the credentials. Changes nothing. Exit code 1 if something needs fixing.`,
).addOption(stateOption()).parse(startTask(), { from: "user" }).opts();

const running = await readRunning(stateDirectory);
const findings = await examine(await readSettings(), running?.urls, stateDirectory);
console.log(describeFindings(findings));
Deno.exit(findings.some(({ status }) => status === "problem") ? 1 : 0);
