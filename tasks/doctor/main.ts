/**
 * `deno task doctor`: looks at everything that the system needs and says what to mend.
 *
 * It looks at this machine and reads the settings; if they are valid, each backing service that they name is tried as the services
 * would, and what they do not name is left to stand-ins. Nothing is changed anywhere.
 *
 * @module
 */
import { readSettings, readUrls, stateOption } from "@playground/tasks/running-system";
import { taskCommandLine } from "@playground/tasks/terminal";
import { describeFindings, examine } from "./examine.ts";

const { state: stateDirectory } = taskCommandLine(
  "doctor",
  `Looks at Deno, the usual ports, Docker, the settings, and at every backing service that they name: whether it is there and takes the credentials. Changes nothing. Exit code 1 if something is to be mended.`,
).addOption(stateOption()).parse(Deno.args, { from: "user" }).opts();

const running = await readUrls(stateDirectory);
const findings = await examine(await readSettings(), running, stateDirectory);
console.log(describeFindings(findings));
Deno.exit(findings.some(({ status }) => status === "problem") ? 1 : 0);
