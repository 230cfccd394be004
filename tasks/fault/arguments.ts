import { parseDuration } from "@playground/shared/configuration";
import type { FaultSetting } from "@playground/tasks/faults";
import { stateOption } from "@playground/tasks/running-system";
import { taskCommandLine, url } from "@playground/tasks/terminal";

/** What the command is to do. */
export type FaultCommand =
  | { readonly kind: "list" }
  | { readonly kind: "set"; readonly name: string; readonly setting: FaultSetting }
  | { readonly kind: "clear"; readonly name: string | undefined };

/** The command, or what is wrong with the words. */
export type ParsedCommand = FaultCommand | { readonly kind: "usage"; readonly problem: string };

/** The command line of `deno task fault`. */
export const commandLine = taskCommandLine(
  "fault",
  "Lets the stand-ins fail while the system runs.",
)
  .argument("[words...]", "see below")
  .option("--url <url>", "the control API (default: the one that deno task dev started)", url)
  .addOption(stateOption())
  .option("--json", "write JSON")
  .addHelpText(
    "after",
    `
deno task fault                                          lists the faults, and which are on
deno task fault NAME[=VALUE] [probability=P] [for=TIME]  switches a fault on
deno task fault clear [NAME]                             switches one off, or all of them

  probability=P   how often it strikes where it could, from 0 to 1 (default: 1)
  for=TIME        ends it after 500ms, 60s, 5m … (default: it stays until it is cleared)

Example: deno task fault smtp.reply=451 probability=0.3 for=60s
tasks/standins/faults.md explains, for each fault, what the trace shows and why.`,
  );

/** Reads the words of the command line. */
export function parseCommand(words: readonly string[]): ParsedCommand {
  const [first, ...others] = words;
  if (first === undefined) return { kind: "list" };
  if (first === "clear") {
    const [name, ...more] = others;
    return more.length === 0
      ? { kind: "clear", name }
      : usage("clear takes one name at most; clear the others one by one");
  }
  const { name, value } = splitWord(first);
  let setting: FaultSetting = value === undefined ? {} : { value };
  for (const word of others) {
    const option = splitWord(word);
    switch (option.name) {
      case "probability": {
        const probability = Number(option.value ?? NaN);
        if (!(option.value !== "" && probability >= 0 && probability <= 1)) {
          return usage(
            `${word} is not a probability; give one from 0 to 1, such as probability=0.3`,
          );
        }
        setting = { ...setting, probability };
        break;
      }
      case "for": {
        const time = parseDuration(option.value ?? "");
        if (time === undefined) return usage(`${word} is not a time; give one, such as for=60s`);
        setting = { ...setting, forMs: time.milliseconds };
        break;
      }
      default:
        return usage(`${word} is neither probability=… nor for=…; switch faults on one by one`);
    }
  }
  return { kind: "set", name, setting };
}

function splitWord(word: string): { readonly name: string; readonly value: string | undefined } {
  const [name = "", ...rest] = word.split("=");
  return { name, value: rest.length === 0 ? undefined : rest.join("=") };
}

function usage(problem: string): ParsedCommand {
  return { kind: "usage", problem };
}
