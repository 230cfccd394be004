import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(import.meta.resolve("../main.ts"));
const ROOT = fileURLToPath(import.meta.resolve("../../../../"));

/** The stand-in in a process of its own, started as a person would start it, on any free ports. */
export class MailtrapProcess implements AsyncDisposable {
  readonly url: string;
  readonly apiUrl: string;
  readonly smtp: { readonly host: string; readonly port: number };
  readonly user: string;
  readonly password: string;
  readonly boxId: string;
  readonly accountId: string;
  readonly token: string;
  readonly caPem: string;
  readonly caFile: string;
  readonly #process: Deno.ChildProcess;
  readonly #output: ReadableStreamDefaultReader<string>;
  #ended = false;

  private constructor(
    process: Deno.ChildProcess,
    output: ReadableStreamDefaultReader<string>,
    printed: string,
  ) {
    const field = (label: string) => {
      const value = new RegExp(`^ *${label} +([^\\s,;]+)`, "m").exec(printed)?.[1];
      if (value === undefined) throw new Error(`Cannot find "${label}" in:\n${printed}`);
      return value;
    };
    this.#process = process;
    this.#output = output;
    this.url = field("Listening on");
    this.apiUrl = field("API");
    const [host = "", port] = field("SMTP").split(":");
    this.smtp = { host, port: Number(port) };
    this.user = field("user");
    this.password = field("password");
    this.token = field("token");
    this.boxId = field("box id");
    this.accountId = field("account id");
    this.caFile = field("CA");
    this.caPem = Deno.readTextFileSync(this.caFile);
  }

  /** Starts the process and waits until it has said where it listens. */
  static async start(stateDirectory?: string): Promise<MailtrapProcess> {
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
    return new MailtrapProcess(process, output, printed);
  }

  /** Ends the process and waits for its end. */
  async end(signal: Deno.Signal): Promise<number> {
    this.#ended = true;
    this.#process.kill(signal);
    return (await this.#process.status).code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#ended) await this.end("SIGKILL");
    await this.#output.cancel();
  }
}
