import type { Fault, FaultParameter } from "@playground/tasks/faults";
import type { FaultCommand } from "./arguments.ts";

/** What a command is to do, for a sentence that begins with "Cannot". */
export function describeCommand(command: FaultCommand): string {
  switch (command.kind) {
    case "list":
      return "list the faults";
    case "set":
      return `set ${command.name}`;
    case "clear":
      return `clear ${command.name ?? "the faults"}`;
  }
}

export function describeFaults(
  faults: readonly Fault[],
  nowMs: number,
  commandTo: (words: string) => string,
): string {
  const blocks = [...Map.groupBy(faults, ({ part }) => part)].map(([part, own]) =>
    [part, ...own.flatMap((fault) => describeOne(fault, nowMs))].join("\n")
  );
  const active = faults.filter((fault) => fault.active !== null);
  const summary = active.length === 0
    ? `No fault is on. Switch one on: ${commandTo("fault smtp.reply=451 probability=0.3 for=60s")}`
    : `On: ${active.map(({ name }) => name).join(", ")}. Switch all off: ${
      commandTo("fault clear")
    }`;
  return [...blocks, summary].join("\n\n");
}

export function describeState({ name, active }: Fault, nowMs: number = Date.now()): string {
  if (active === null) return `${name} is off`;
  const { value, probability, endsAt, hitCount } = active;
  return [
    `${name}${value === null ? "" : `=${value}`} is on`,
    ...probability === 1 ? [] : [`probability ${probability}`],
    endsAt === null
      ? "until it is cleared"
      : `${Math.max(0, Math.ceil((Date.parse(endsAt) - nowMs) / 1000))} s left`,
    `${hitCount} ${hitCount === 1 ? "hit" : "hits"}`,
  ].join(", ");
}

function describeOne(fault: Fault, nowMs: number): readonly string[] {
  const { name, explanation, parameter, lesson, active } = fault;
  return [
    `${active === null ? " " : "●"} ${name}${describeParameter(parameter)}`,
    `      ${explanation}${lesson === null ? "" : ` (lesson ${lesson})`}`,
    ...active === null ? [] : [`      ${describeState(fault, nowMs)}`],
  ];
}

function describeParameter(parameter: FaultParameter | null): string {
  if (parameter === null) return "";
  return parameter.type === "choice"
    ? `=${parameter.choices.join("|")}   default ${parameter.default}`
    : `=${parameter.minimum}…${parameter.maximum} ${parameter.unit}   default ${parameter.default}`;
}
