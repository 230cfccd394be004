import { Buffer } from "node:buffer";
import { waitAtMost } from "@playground/shared/time";
import type { StandInVariables } from "../../stand_in.ts";

const REPLY_TIMEOUT_MS = 10_000;

/** A mail server, by the values of the emailer's variables. */
interface MailServer {
  readonly variables: StandInVariables;
}

/** One hand-written SMTP connection, for what a well-behaved client library never does. */
export class SmtpDialogue implements Disposable {
  readonly #encoder = new TextEncoder();
  readonly #decoder = new TextDecoder();
  readonly #tcp: Deno.TcpConn;
  #connection: Deno.Conn;
  #received = "";

  private constructor(tcp: Deno.TcpConn) {
    this.#tcp = tcp;
    this.#connection = tcp;
  }

  static async connect({ variables }: MailServer): Promise<SmtpDialogue> {
    const { SMTP_HOST: hostname, SMTP_PORT: port } = variables;
    const tcp = await Deno.connect({ hostname, port: Number(port) });
    tcp.setNoDelay();
    const dialogue = new SmtpDialogue(tcp);
    await dialogue.reply();
    return dialogue;
  }

  static async logIn(server: MailServer): Promise<SmtpDialogue> {
    const dialogue = await SmtpDialogue.connect(server);
    await dialogue.command("EHLO client.example");
    await dialogue.startTls(server);
    await dialogue.command("EHLO client.example");
    const reply = await dialogue.command(plainLogin(server));
    if (reply.startsWith("235")) return dialogue;
    dialogue[Symbol.dispose]();
    throw new Error(`Cannot log in: ${reply}`);
  }

  async startTls({ variables }: MailServer): Promise<void> {
    await this.command("STARTTLS");
    const { SMTP_HOST: hostname = "", SMTP_CA = "" } = variables;
    this.#connection = await Deno.startTls(this.#tcp, { hostname, caCerts: [SMTP_CA] });
  }

  async command(line: string): Promise<string> {
    await this.write(`${line}\r\n`);
    return await this.reply();
  }

  async startMail(): Promise<void> {
    await this.command("MAIL FROM:<sender@example.com>");
    await this.command("RCPT TO:<recipient@example.com>");
    await this.command("DATA");
  }

  async sendMail(raw: Uint8Array, chunkSizeBytes = 64 * 1024): Promise<string> {
    await this.startMail();
    const stuffed = dotStuffed(raw);
    for (let start = 0; start < stuffed.length; start += chunkSizeBytes) {
      await this.write(stuffed.subarray(start, start + chunkSizeBytes));
    }
    return await this.command(".");
  }

  async write(data: Uint8Array | string): Promise<void> {
    const bytes = typeof data === "string" ? this.#encoder.encode(data) : data;
    for (let sent = 0; sent < bytes.length;) {
      sent += await this.#connection.write(bytes.subarray(sent));
    }
  }

  async reply(): Promise<string> {
    const reply = this.#readReply();
    if (await waitAtMost(REPLY_TIMEOUT_MS, reply)) return await reply;
    throw new Error(`Cannot read a reply: none within ${REPLY_TIMEOUT_MS} ms`);
  }

  async #readReply(): Promise<string> {
    const buffer = new Uint8Array(4096);
    while (true) {
      const match = /^(?:\d{3}-.*\r\n)*\d{3} .*\r\n/.exec(this.#received);
      if (match !== null) {
        this.#received = this.#received.slice(match[0].length);
        return match[0].trimEnd();
      }
      const length = await this.#connection.read(buffer);
      if (length === null) throw new Error("Cannot read a reply: the server hung up");
      this.#received += this.#decoder.decode(buffer.subarray(0, length), { stream: true });
    }
  }

  [Symbol.dispose](): void {
    this.#connection.close();
  }
}

export function plainLogin({ variables }: MailServer): string {
  return `AUTH PLAIN ${btoa(`\0${variables.MAILTRAP_USER}\0${variables.MAILTRAP_PASSWORD}`)}`;
}

/** Doubles the dot at the start of a line. A line begins after CRLF only. */
function dotStuffed(raw: Uint8Array): Uint8Array {
  return Buffer.from(Buffer.from(raw).toString("latin1").replace(/(^|\r\n)\./g, "$1.."), "latin1");
}
