import { parseDuration } from "@playground/shared/configuration";
import {
  FAULT_NAMES,
  type FaultName,
  type FaultSetting,
  isFaultName,
} from "@playground/tasks/faults";
import { stateOption } from "@playground/tasks/running-system";
import { taskCommandLine, url } from "@playground/tasks/terminal";
import { distance } from "fastest-levenshtein";

export type FaultCommand =
  | { readonly kind: "list" }
  | { readonly kind: "set"; readonly name: FaultName; readonly setting: FaultSetting }
  | { readonly kind: "clear"; readonly name?: FaultName };

type ParsedCommand = FaultCommand | { readonly kind: "usage"; readonly problem: string };

export const commandLine = taskCommandLine(
  "fault",
  "Makes the stand-ins fail while the system runs.",
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

export function parseCommand(words: readonly string[]): ParsedCommand {
  const [first, ...others] = words;
  if (first === undefined) return { kind: "list" };
  if (first !== "clear") return parseSetting(first, others);
  const [name, ...more] = others;
  if (more.length > 0) return usage("clear takes one name at most; clear the others one by one");
  if (name === undefined) return { kind: "clear" };
  return isFaultName(name) ? { kind: "clear", name } : unknownFault(name);
}

function parseSetting(fault: string, options: readonly string[]): ParsedCommand {
  const { name, value } = splitWord(fault);
  if (!isFaultName(name)) return unknownFault(name);
  let setting: FaultSetting = value === undefined ? {} : { value };
  for (const word of options) {
    const { name: option, value: text = "" } = splitWord(word);
    switch (option) {
      case "probability": {
        const probability = text === "" ? NaN : Number(text);
        if (!(probability >= 0 && probability <= 1)) {
          return usage(
            `${word} is not a probability; give one from 0 to 1, such as probability=0.3`,
          );
        }
        setting = { ...setting, probability };
        break;
      }
      case "for": {
        const time = parseDuration(text);
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

function unknownFault(name: string): ParsedCommand {
  const meant = nearest(name);
  const hint = meant === undefined ? "deno task fault lists them" : `did you mean ${meant}?`;
  return usage(`there is no fault ${name}; ${hint}`);
}

function usage(problem: string): ParsedCommand {
  return { kind: "usage", problem };
}

/** A word that differs in more than this part of its letters was not meant. */
const MAX_DIFFERENCE = 0.5;

/** The fault that was probably meant. */
export function nearest(word: string): FaultName | undefined {
  const [best] = FAULT_NAMES
    .map((name) => ({ name, difference: differenceOf(word, name) }))
    .toSorted((a, b) => a.difference - b.difference);
  return best !== undefined && best.difference <= MAX_DIFFERENCE ? best.name : undefined;
}

/** From 0, the same, to 1, no letter in common. The last part of a name counts as well: `reply` of `smtp.reply`. */
function differenceOf(word: string, name: string): number {
  const lastPart = name.slice(name.indexOf(".") + 1);
  return Math.min(
    ...[name, lastPart].map((candidate) => distance(word, candidate) / candidate.length),
  );
}
