import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Starts a stand-in in a process of its own; returns the variables with which a service reaches it. */
export async function startStandIn(name: "mailtrap" | "mongodb") {
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "-P=standins", "tasks/standins/main.ts", name, "--any-port"],
    cwd: ROOT,
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  let output = "";
  const lines = process.stdout.pipeThrough(new TextDecoderStream()).getReader();
  while (!output.includes("\n")) {
    const { value, done } = await lines.read();
    if (done) throw new Error(`Cannot start the stand-in: ${output}`);
    output += value;
  }
  const variables: Readonly<Record<string, string>> = JSON.parse(output.replace("READY ", ""));
  return {
    variables,
    async [Symbol.asyncDispose]() {
      // The end of standard input stops it.
      await process.stdin.close();
      while (!(await lines.read()).done);
      await process.status;
    },
  };
}
