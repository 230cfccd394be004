/** A topic pattern or a routing key, cut at its dots. The empty string has no words at all. */
export type Words = readonly string[];

export function splitWords(text: string): Words {
  return text === "" ? [] : text.split(".");
}

/**
 * Says whether a topic pattern covers a routing key: `*` stands for one word, `#` for any number of words
 * (AMQP 0-9-1, section 3.1.3.3).
 *
 * When a word does not fit, only the last `#` is widened: an earlier one could not match anything that the last one
 * cannot. So the time is at most pattern length × key length, whatever a client binds.
 */
export function matchesTopic(pattern: Words, key: Words): boolean {
  let patternIndex = 0;
  let keyIndex = 0;
  let lastHash: { readonly patternIndex: number; keyIndex: number } | undefined;
  while (keyIndex < key.length) {
    const word = pattern[patternIndex];
    if (word === "#") {
      lastHash = { patternIndex, keyIndex };
      patternIndex++;
    } else if (patternIndex < pattern.length && (word === "*" || word === key[keyIndex])) {
      patternIndex++;
      keyIndex++;
    } else if (lastHash !== undefined) {
      lastHash.keyIndex++;
      keyIndex = lastHash.keyIndex;
      patternIndex = lastHash.patternIndex + 1;
    } else {
      return false;
    }
  }
  return pattern.slice(patternIndex).every((word) => word === "#");
}
