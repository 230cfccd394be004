import { createServer, type Socket } from "node:net";
import { ok } from "node:assert/strict";
import type { Buffer } from "node:buffer";

/** A moment at which a mail server speaks: after a connection, a command, a line of a login, or the last dot of a mail. */
export interface SmtpStep {
  /** `CONNECT`, a command's verb, `LOGIN LINE`, or `END OF MAIL`. */
  readonly verb: string;
  /** The line that came. */
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
  /** Where it listens. */
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
  const sockets = new Set<Socket>();
  const dialogues = new Map<number, Promise<void>>();
  let connectionCount = 0;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    // A client may leave at any time.
    socket.on("error", () => {});
    const connection = ++connectionCount;
    let mailCount = 0;
    let mode: "commands" | "mail" | "login" = "commands";
    let loginLineCount = 0;
    let received = "";

    const speak = async (verb: string, line: string): Promise<string> => {
      const step = { verb, line, connection, mailCount };
      steps.push(step);
      const usual = verb === "LOGIN LINE" && loginLineCount > 1 ? "235 welcome" : undefined;
      const answer = await script(step) ?? usual ?? USUAL_ANSWERS[verb] ?? "250 ok";
      if (answer === HANG_UP) {
        socket.destroy();
        return "";
      }
      let last = "";
      for await (const line of typeof answer === "string" ? [answer] : answer) {
        if (socket.destroyed) return "";
        socket.write(`${line}\r\n`);
        last = line;
      }
      if (last.startsWith("421") || verb === "QUIT") socket.end();
      return last;
    };

    const take = async (line: string): Promise<void> => {
      if (mode === "login") {
        loginLineCount++;
        if (!(await speak("LOGIN LINE", line)).startsWith("334")) mode = "commands";
        return;
      }
      const [verb = ""] = line.toUpperCase().split(/[ :]/, 1);
      const answer = await speak(verb, line);
      if (verb === "DATA" && answer.startsWith("354")) mode = "mail";
      if (verb === "AUTH" && answer.startsWith("334")) {
        mode = "login";
        loginLineCount = 0;
      }
    };

    const work = async (): Promise<void> => {
      for (;;) {
        const terminator = mode === "mail" ? "\r\n.\r\n" : "\r\n";
        const end = received.indexOf(terminator);
        if (end < 0) return;
        const text = received.slice(0, end);
        received = received.slice(end + terminator.length);
        if (mode !== "mail") await take(text);
        else {
          mode = "commands";
          mails.push(text);
          mailCount++;
          await speak("END OF MAIL", ".");
        }
      }
    };

    dialogues.set(connection, speak("CONNECT", "").then(work));
    socket.on("data", (chunk: Buffer) => {
      received += chunk.toString("latin1");
      dialogues.set(connection, Promise.resolve(dialogues.get(connection)).then(work));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  ok(address !== null && typeof address === "object");
  return {
    port: address.port,
    steps,
    mails,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await Promise.all(dialogues.values());
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
