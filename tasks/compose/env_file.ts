import { statSync } from "node:fs";

/** Adds settings to a file such as `.env`; existing lines stay as they are. Only the owner can read a new file. */
export async function appendSettings(
  path: string,
  comment: string,
  settings: Readonly<Record<string, string>>,
): Promise<void> {
  const lines = Object.entries(settings).map(([name, value]) => {
    if (/['\r\n]/.test(value)) {
      throw new RangeError(`Cannot write ${name} to ${path}: it contains a quote or a line end`);
    }
    return `${name}=${/^[\w.:/-]*$/.test(value) ? value : `'${value}'`}`;
  });
  const block = [`# ${comment}`, ...lines].join("\n");
  const hasContent = (statSync(path, { throwIfNoEntry: false })?.size ?? 0) > 0;
  const separator = hasContent ? "\n" : "";
  await Deno.writeTextFile(path, `${separator}${block}\n`, { append: true, mode: 0o600 });
}
