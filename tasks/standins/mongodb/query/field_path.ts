import { CommandError } from "../errors.ts";

/**
 * Splits the path of a field that is to be sorted by or shown.
 *
 * @throws {CommandError} 15998 or 16410 when MongoDB takes it for no path.
 */
export function checkPath(path: string): readonly string[] {
  const components = path.split(".");
  if (components.includes("")) {
    throw new CommandError(15998, "FieldPath field names may not be empty strings.");
  }
  const operator = components.find((component) => component.startsWith("$"));
  if (operator === undefined) return components;
  throw new CommandError(16410, `FieldPath field names may not start with '$': '${operator}'.`);
}
