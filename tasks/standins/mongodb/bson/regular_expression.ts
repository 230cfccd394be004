import { CommandError, unsupported } from "../errors.ts";

/**
 * JavaScript's form of a MongoDB regular expression (MongoDB manual, `$regex`).
 *
 * @throws {CommandError} 51091 when the pattern is invalid, 238 for the option `x`.
 */
export function toRegExp(pattern: string, options: string): RegExp {
  if (options.includes("x")) throw unsupported("regular expressions with the option x");
  // Patterns are UTF-8 in MongoDB anyway, which is what its `u` asks for; JavaScript's `u` would forbid needless escapes.
  const flags = [...new Set(options)].filter((option) => option !== "u").join("");
  if (!/^[ims]*$/.test(flags)) {
    throw new CommandError(2, `invalid flag in regex options: ${options}`);
  }
  try {
    return new RegExp(pattern, flags);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new CommandError(51091, `Regular expression is invalid: ${error.message}`);
  }
}
