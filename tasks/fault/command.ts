import { parseDuration } from "@playground/shared/configuration";
import {
  type Fault,
  FAULT_NAMES,
  type FaultName,
  type FaultParameter,
  type FaultSetting,
  isFaultName,
} from "@playground/tasks/faults";
import { closest, distance } from "fastest-levenshtein";

export type FaultCommand =
  | { readonly kind: "list" }
  | { readonly kind: "set"; readonly name: FaultName; readonly setting: FaultSetting }
  | { readonly kind: "clear"; readonly name?: FaultName };

type ParsedCommand = FaultCommand | { readonly kind: "usage"; readonly problem: string };

export function parseCommand(words: readonly string[]): ParsedCommand {
  const [first, ...others] = words;
  if (first === undefined) return { kind: "list" };
  if (first !== "clear") return parseSetting(first, others);
  const [name, ...more] = others;
  if (more.length > 0) return usage("clear takes at most one name; clear the others one by one");
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
  return usage(`there is no fault ${name} (${hint})`);
}

function usage(problem: string): ParsedCommand {
  return { kind: "usage", problem };
}

/** A word that differs in more than this part of a name's letters is no typo of it. */
const MAX_DIFFERENCE = 0.5;

/** The fault that was probably meant. The last part of a name is enough: `nack` for `rabbitmq.nack`. */
function nearest(word: string): string | undefined {
  const name = FAULT_NAMES.find((name) => name.endsWith(`.${word}`)) ?? closest(word, FAULT_NAMES);
  return name.endsWith(`.${word}`) || distance(word, name) <= name.length * MAX_DIFFERENCE
    ? name
    : undefined;
}

/** What a command does, for a sentence that begins with "Cannot". */
export function describeCommand(command: FaultCommand): string {
  const name = command.kind === "list" ? undefined : command.name;
  return `${command.kind} ${name ?? "the faults"}`;
}

export function describeFaults(
  faults: readonly Fault[],
  commandTo: (words: string) => string,
): string {
  const blocks = [...Map.groupBy(faults, ({ part }) => part)].map(([part, own]) =>
    [part, ...own.flatMap(describeOne)].join("\n")
  );
  const active = faults.filter((fault) => fault.active !== null);
  const summary = active.length === 0
    ? `No fault is on. Switch one on: ${commandTo("fault smtp.reply=451 probability=0.3 for=60s")}`
    : `On: ${active.map(({ name }) => name).join(", ")}. Switch all off: ${
      commandTo("fault clear")
    }`;
  return [...blocks, summary].join("\n\n");
}

export function describeState({ name, active }: Fault): string {
  if (active === null) return `${name} is off`;
  const { value, probability, endsAt, hitCount } = active;
  return [
    `${name}${value === null ? "" : `=${value}`} is on`,
    ...probability === 1 ? [] : [`probability ${probability}`],
    endsAt === null
      ? "until it is cleared"
      : `${Math.max(0, Math.ceil((Date.parse(endsAt) - Date.now()) / 1000))} s left`,
    `${hitCount} ${hitCount === 1 ? "hit" : "hits"}`,
  ].join(", ");
}

function describeOne(fault: Fault): readonly string[] {
  const { name, explanation, parameter, lesson, active } = fault;
  return [
    `${active === null ? " " : "●"} ${name}${describeParameter(parameter)}`,
    `      ${explanation}${lesson === null ? "" : ` (lesson ${lesson})`}`,
    ...active === null ? [] : [`      ${describeState(fault)}`],
  ];
}

function describeParameter(parameter: FaultParameter | null): string {
  if (parameter === null) return "";
  return parameter.type === "choice"
    ? `=${parameter.choices.join("|")}   default ${parameter.default}`
    : `=${parameter.minimum}…${parameter.maximum} ${parameter.unit}   default ${parameter.default}`;
}
