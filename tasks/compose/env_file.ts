/**
 * Adds settings to a file such as `.env`; what is in it stays as it is. A new file is for its owner's eyes only.
 */
export async function appendSettings(
  path: string,
  comment: string,
  settings: Readonly<Record<string, string>>,
): Promise<void> {
  const lines = Object.entries(settings).map(([name, value]) => {
    if (/['\r\n]/.test(value)) {
      throw new RangeError(`Cannot write ${name} to ${path}: it has a quote or a line end in it`);
    }
    return `${name}=${/^[\w.:/-]*$/.test(value) ? value : `'${value}'`}`;
  });
  const block = [`# ${comment}`, ...lines].join("\n");
  const separator = await endsInLine(path) ? "\n" : "";
  await Deno.writeTextFile(path, `${separator}${block}\n`, { append: true, mode: 0o600 });
}

/** Whether there is something in the file that the new lines have to stand apart from. */
async function endsInLine(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).size > 0;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
