import { CommandError } from "../errors.ts";

export function checkPath(path: string): readonly string[] {
  const components = path.split(".");
  if (components.includes("")) {
    throw new CommandError(15998, "FieldPath field names may not be empty strings.");
  }
  const operator = components.find((component) => component.startsWith("$"));
  if (operator === undefined) return components;
  throw new CommandError(16410, `FieldPath field names may not start with '$': '${operator}'.`);
}
