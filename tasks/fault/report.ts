import type { Fault, FaultParameter } from "@playground/tasks/faults";

/**
 * Lists faults for people: what there is, and what is on.
 *
 * @param faults The faults, those of one part together.
 * @param nowMs Milliseconds since 1970.
 * @returns Some lines.
 */
export function describeFaults(faults: readonly Fault[], nowMs: number): string {
  const blocks = [...Map.groupBy(faults, ({ part }) => part)].map(([part, own]) =>
    [part, ...own.flatMap((fault) => describeOne(fault, nowMs))].join("\n")
  );
  const active = faults.filter((fault) => fault.active !== null);
  const summary = active.length === 0
    ? "No fault is on. Switch one on: deno task fault smtp.reply=451 probability=0.3 for=60s"
    : `On: ${active.map(({ name }) => name).join(", ")}. Switch all off: deno task fault clear`;
  return [...blocks, summary].join("\n\n");
}

/**
 * Says how a fault is at work.
 *
 * @param fault The fault.
 * @param nowMs Milliseconds since 1970.
 * @returns One line.
 */
export function describeState({ name, active }: Fault, nowMs: number): string {
  if (active === null) return `${name} is off`;
  const { value, probability, endsAt, hitCount } = active;
  return [
    `${name}${value === null ? "" : `=${value}`} is on`,
    ...probability === 1 ? [] : [`probability ${probability}`],
    endsAt === null ? "until it is cleared" : `${secondsLeft(endsAt, nowMs)} s left`,
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

function secondsLeft(endsAt: string, nowMs: number): number {
  return Math.max(0, Math.ceil((Date.parse(endsAt) - nowMs) / 1000));
}
