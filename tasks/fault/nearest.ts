import { distance } from "fastest-levenshtein";

/** A word that differs in more than this part of its letters was not meant. */
const MAX_DIFFERENCE = 0.5;

/** Finds the name that was probably meant. */
export function nearest(word: string, names: readonly string[]): string | undefined {
  const [best] = names
    .map((name) => ({ name, difference: differenceOf(word, name) }))
    .toSorted((a, b) => a.difference - b.difference);
  return best !== undefined && best.difference <= MAX_DIFFERENCE ? best.name : undefined;
}

/** From 0, the same, to 1, no letter in common. A part of a name, such as `reply` of `smtp.reply`, will do as well. */
function differenceOf(word: string, name: string): number {
  const lastPart = name.slice(name.indexOf(".") + 1);
  return Math.min(
    ...[name, lastPart].map((candidate) => distance(word, candidate) / candidate.length),
  );
}
