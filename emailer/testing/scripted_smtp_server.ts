import type { Buffer } from "node:buffer";
import { createServer, type Socket } from "node:net";
import { listenOnLoopback } from "./loopback_server.ts";

/** A moment at which a mail server speaks: after a connection, a command, a line of a login, or the last dot of a mail. */
export interface SmtpStep {
  /** `CONNECT`, a command's verb, `LOGIN LINE`, or `END OF MAIL`. */
  readonly verb: string;
  readonly line: string;
  /** Which connection, from 1. */
  readonly connection: number;
  /** How many mails were taken on this connection. */
  readonly mailCount: number;
}

/** Closes the connection without a word. */
export const HANG_UP = Symbol("hang up");

/**
 * What the server says, also line by line; `undefined`: what a server says that takes every mail. After 421 it closes the connection.
 */
export type SmtpAnswer = string | AsyncIterable<string> | typeof HANG_UP | undefined;

/** Decides what a mail server says. */
export type SmtpScript = (step: SmtpStep) => SmtpAnswer | Promise<SmtpAnswer>;

/** A mail server without TLS whose every answer a test decides. */
export interface ScriptedSmtpServer extends AsyncDisposable {
  readonly port: number;
  /** What came, in order. */
  readonly steps: readonly SmtpStep[];
  /** The mails that ended with their last dot, dot-stuffed, whatever was answered. */
  readonly mails: readonly string[];
}

const USUAL_ANSWERS: Readonly<Record<string, string>> = {
  CONNECT: "220 test",
  EHLO: "250-test\r\n250 AUTH PLAIN LOGIN",
  AUTH: "235 welcome",
  "LOGIN LINE": "334 UGFzc3dvcmQ6",
  DATA: "354 go on",
  QUIT: "221 bye",
};

/** Starts a server that takes every mail, but for what the script says. */
export async function startScriptedSmtpServer(
  script: SmtpScript = () => undefined,
): Promise<ScriptedSmtpServer> {
  const steps: SmtpStep[] = [];
  const mails: string[] = [];
  const dialogues: Dialogue[] = [];
  const server = await listenOnLoopback(createServer((socket) => {
    const connection = dialogues.length + 1;
    dialogues.push(new Dialogue(socket, connection, { script, steps, mails }));
  }));
  return {
    port: server.port,
    steps,
    mails,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await Promise.all(dialogues.map(({ idle }) => idle));
    },
  };
}

/** What the connections of a server share. */
interface Play {
  readonly script: SmtpScript;
  readonly steps: SmtpStep[];
  readonly mails: string[];
}

/** What is said on one connection, one line after the other. */
class Dialogue {
  readonly #socket: Socket;
  readonly #connection: number;
  readonly #play: Play;
  #mailCount = 0;
  #mode: "commands" | "mail" | "login" = "commands";
  #loginLineCount = 0;
  #received = "";
  /** Resolves when all that has come is answered. */
  idle: Promise<void>;

  constructor(socket: Socket, connection: number, play: Play) {
    this.#socket = socket;
    this.#connection = connection;
    this.#play = play;
    this.idle = this.#speak("CONNECT", "").then(() => this.#work());
    socket.on("data", (chunk: Buffer) => {
      this.#received += chunk.toString("latin1");
      this.idle = this.idle.then(() => this.#work());
    });
  }

  async #work(): Promise<void> {
    for (;;) {
      const terminator = this.#mode === "mail" ? "\r\n.\r\n" : "\r\n";
      const end = this.#received.indexOf(terminator);
      if (end < 0) return;
      const text = this.#received.slice(0, end);
      this.#received = this.#received.slice(end + terminator.length);
      if (this.#mode === "mail") await this.#takeMail(text);
      else if (this.#mode === "login") await this.#takeLoginLine(text);
      else await this.#takeCommand(text);
    }
  }

  async #takeMail(mail: string): Promise<void> {
    this.#mode = "commands";
    this.#play.mails.push(mail);
    this.#mailCount++;
    await this.#speak("END OF MAIL", ".");
  }

  async #takeLoginLine(line: string): Promise<void> {
    const usual = ++this.#loginLineCount > 1 ? "235 welcome" : undefined;
    const answer = await this.#speak("LOGIN LINE", line, usual);
    if (!answer.startsWith("334")) this.#mode = "commands";
  }

  async #takeCommand(line: string): Promise<void> {
    const [verb = ""] = line.toUpperCase().split(/[ :]/, 1);
    const answer = await this.#speak(verb, line);
    if (verb === "DATA" && answer.startsWith("354")) this.#mode = "mail";
    if (verb === "AUTH" && answer.startsWith("334")) {
      this.#mode = "login";
      this.#loginLineCount = 0;
    }
  }

  /** Answers; returns the last line of the answer. */
  async #speak(verb: string, line: string, usual = USUAL_ANSWERS[verb]): Promise<string> {
    const step = { verb, line, connection: this.#connection, mailCount: this.#mailCount };
    this.#play.steps.push(step);
    const answer = await this.#play.script(step) ?? usual ?? "250 ok";
    if (answer === HANG_UP) {
      this.#socket.destroy();
      return "";
    }
    let last = "";
    for await (const line of typeof answer === "string" ? [answer] : answer) {
      if (this.#socket.destroyed) return "";
      this.#socket.write(`${line}\r\n`);
      last = line;
    }
    if (last.startsWith("421") || verb === "QUIT") this.#socket.end();
    return last;
  }
}
