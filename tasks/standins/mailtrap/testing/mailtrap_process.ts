import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(import.meta.resolve("../main.ts"));
const ROOT = fileURLToPath(import.meta.resolve("../../../../"));

export type MailtrapProcess = Awaited<ReturnType<typeof startMailtrapProcess>>;

/** Starts the stand-in in a process of its own, as a person would, on any free ports, and waits until it has said where it listens. */
export async function startMailtrapProcess(stateDirectory?: string) {
  const state = stateDirectory === undefined ? [] : ["--state", stateDirectory];
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "-P=standins", MAIN, "--smtp-port=0", "--api-port=0", ...state],
    cwd: ROOT,
    stdout: "piped",
  }).spawn();
  const output = process.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let printed = "";
  while (!/account id.*\n/.test(printed)) {
    const { value, done } = await output.read();
    if (done) throw new Error(`Cannot start: the process ended (${(await process.status).code})`);
    printed += value;
  }
  const field = (label: string) => {
    const value = new RegExp(`^ *${label} +([^\\s,;]+)`, "m").exec(printed)?.[1];
    if (value === undefined) throw new Error(`Cannot find "${label}" in:\n${printed}`);
    return value;
  };
  const [host = "", port] = field("SMTP").split(":");
  let isEnded = false;
  const end = async (signal: Deno.Signal): Promise<number> => {
    isEnded = true;
    process.kill(signal);
    return (await process.status).code;
  };
  return {
    url: field("API"),
    smtp: { host, port: Number(port) },
    user: field("user"),
    password: field("password"),
    token: field("token"),
    boxId: field("box id"),
    accountId: field("account id"),
    caFile: field("CA"),
    caPem: await Deno.readTextFile(field("CA")),
    /** Sends the signal and waits for the exit code. */
    end,
    async [Symbol.asyncDispose]() {
      if (!isEnded) await end("SIGKILL");
      await output.cancel();
    },
  };
}
