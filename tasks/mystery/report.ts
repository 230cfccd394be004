import { tableLines, wrap } from "@playground/tasks/terminal";
import type { MysteryView } from "./mystery.ts";

/** Longer lines are hard to read. */
const MAX_TEXT_COLUMNS = 100;

export function describeMystery({ seed, difficulty, story }: MysteryView): string {
  return [
    `Mystery ${seed} (${difficulty})`,
    "",
    ...wrap(story, MAX_TEXT_COLUMNS),
    "Send emails, read their traces, and name the hop and the cause.",
  ].join("\n");
}

export function describeChoices({ hops }: MysteryView): string {
  return tableLines(
    hops.flatMap((hop) => hop.causes.map(({ id, text }) => [`  ${hop.id}:${id}`, text])),
  ).join("\n");
}

export function describeVerdict({ verdict, score, state, solution }: MysteryView): string {
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
    ...wrap(proof, MAX_TEXT_COLUMNS),
    "",
    section,
  ].join("\n");
}
