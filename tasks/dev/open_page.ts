/** What opens an address in the person's browser, per operating system. */
const OPENERS: Readonly<Partial<Record<typeof Deno.build.os, readonly string[]>>> = {
  darwin: ["open"],
  // `start` takes its first quoted argument for a title.
  windows: ["cmd", "/c", "start", '""'],
};

/** Opens a page in the browser, which may outlive this process. Returns why it cannot. */
export async function openPage(
  url: string,
  [command = "", ...args]: readonly string[] = OPENERS[Deno.build.os] ?? ["xdg-open"],
): Promise<string | undefined> {
  const failed = (reason: string) =>
    `Cannot open the page: ${reason}; open ${url} in a browser yourself`;
  try {
    const { success, code } = await new Deno.Command(command, {
      args: [...args, url],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn().status;
    return success ? undefined : failed(`${command} found no browser (exit code ${code})`);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return failed(`there is no ${command} here`);
  }
}
