/**
 * The command `deno task doctor`.
 *
 * @module
 */
import {
  readSettings,
  readUrls,
  ROOT,
  STATE_OPTION,
  stateDirectoryOf,
  stateOptionHelp,
} from "@playground/tasks/running-system";
import { parseArgsOrExit } from "@playground/tasks/terminal";
import { describeFindings, examine } from "./mod.ts";

const { values } = parseArgsOrExit("doctor", {
  options: { ...STATE_OPTION, help: { type: "boolean", short: "h" } },
});
if (values.help) {
  console.log(
    `Looks at Deno, the usual ports, Docker, the settings, and at every backing service that they name:
whether it is there and takes the credentials. Changes nothing. Exit code 1 if something is to be mended.

Usage: deno task doctor [options]

${stateOptionHelp(15)}
  --help       this text`,
  );
  Deno.exit(0);
}

const stateDirectory = stateDirectoryOf(values);
const running = await readUrls(stateDirectory);
const findings = await examine(await readSettings(ROOT), running, stateDirectory);
console.log(describeFindings(findings));
Deno.exit(findings.some(({ status }) => status === "problem") ? 1 : 0);
