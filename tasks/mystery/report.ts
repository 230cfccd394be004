import { paragraph, tableLines, type TerminalOptions } from "@playground/tasks/terminal";
import type { MysteryView } from "./mystery.ts";

export function describeMystery(
  { seed, difficulty, story }: MysteryView,
  terminal: TerminalOptions,
): string {
  return [
    `Mystery ${seed} (${difficulty})`,
    "",
    ...paragraph(story, terminal),
    ...paragraph("Send emails, read their traces, and name the hop and the cause.", terminal),
  ].join("\n");
}

export function describeChoices({ hops }: MysteryView): string {
  return tableLines(
    hops.flatMap((hop) => hop.causes.map(({ id, text }) => [`  ${hop.id}:${id}`, text])),
  ).join("\n");
}

export function describeVerdict(
  { verdict, score, state, solution }: MysteryView,
  terminal: TerminalOptions,
): string {
  const lines = state === "given-up"
    ? ["Given up."]
    : verdict === undefined
    ? []
    : [`${verdict} ${score} of 100.`];
  if (solution === undefined) return lines.join("\n");
  const { hop, fault, title, proof, section } = solution;
  return [
    ...lines,
    ...state === "ended" ? ["The fault was switched off before it was named."] : [],
    "",
    `${hop}: ${title} (${fault})`,
    ...paragraph(proof, terminal),
    "",
    section,
  ].join("\n");
}
