import { createServer, type Socket } from "node:net";
import { listenOnLoopback, type LoopbackServer } from "./loopback_server.ts";

/** A moment at which a mail server answers: after a connection, a command, a line of a login, or the last dot of a mail. */
interface SmtpStep {
  /** `CONNECT`, a command's verb, `LOGIN LINE`, or `END OF MAIL`. */
  readonly verb: string;
  readonly line: string;
  /** How many mails this connection has accepted. */
  readonly mailCount: number;
}

/** Closes the connection without a reply. */
export const HANG_UP = Symbol("hang up");

/** The server's answer, whole or line by line; `undefined`: the usual answer. After 421 it closes the connection. */
export type SmtpAnswer =
  | string
  | readonly string[]
  | AsyncIterable<string>
  | typeof HANG_UP
  | undefined;

export type SmtpScript = (step: SmtpStep) => SmtpAnswer | Promise<SmtpAnswer>;

/** A mail server without TLS whose every answer a test decides. */
export interface ScriptedSmtpServer extends LoopbackServer {
  /** What clients sent, in order. */
  readonly steps: readonly SmtpStep[];
  /** The mails that ended with their last dot, dot-stuffed, whatever the answer. */
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

/** Starts a server that accepts every mail, unless the script decides otherwise. */
export async function startScriptedSmtpServer(
  script: SmtpScript = () => undefined,
): Promise<ScriptedSmtpServer> {
  const steps: SmtpStep[] = [];
  const mails: string[] = [];
  const dialogues: Promise<void>[] = [];
  const server = await listenOnLoopback(createServer((socket) => {
    dialogues.push(
      converse(socket, mails, (step) => {
        steps.push(step);
        return script(step);
      }),
    );
  }));
  const close = server[Symbol.asyncDispose];
  return Object.assign(server, {
    steps,
    mails,
    async [Symbol.asyncDispose]() {
      await close();
      await Promise.all(dialogues);
    },
  });
}

async function converse(socket: Socket, mails: string[], script: SmtpScript): Promise<void> {
  let mailCount = 0;
  const lines = linesOf(socket);
  const nextLine = async () => (await lines.next()).value;
  /** Answers; returns the last line of the answer. */
  const speak = async (verb: string, line: string, usual = USUAL_ANSWERS[verb]) => {
    const answer = await script({ verb, line, mailCount }) ?? usual ?? "250 ok";
    let last = "";
    if (answer === HANG_UP) {
      socket.destroy();
      return last;
    }
    for await (const part of typeof answer === "string" ? [answer] : answer) {
      if (socket.destroyed) return "";
      socket.write(`${part}\r\n`);
      last = part;
    }
    if (last.startsWith("421") || verb === "QUIT") socket.end();
    return last;
  };

  await speak("CONNECT", "");
  for await (const line of lines) {
    const [verb = ""] = line.toUpperCase().split(/[ :]/, 1);
    let answer = await speak(verb, line);
    for (let count = 1; verb === "AUTH" && answer.startsWith("334"); count++) {
      const usual = count > 1 ? "235 welcome" : undefined;
      answer = await speak("LOGIN LINE", await nextLine() ?? "", usual);
    }
    if (verb !== "DATA" || !answer.startsWith("354")) continue;
    const mail: string[] = [];
    for (let part = await nextLine(); part !== "."; part = await nextLine()) {
      if (part === undefined) return;
      mail.push(part);
    }
    mails.push(mail.join("\r\n"));
    mailCount++;
    await speak("END OF MAIL", ".");
  }
}

async function* linesOf(socket: Socket): AsyncGenerator<string, undefined> {
  let rest = "";
  try {
    for await (const chunk of socket.setEncoding("latin1")) {
      const lines = `${rest}${chunk}`.split("\r\n");
      rest = lines.pop() ?? "";
      yield* lines;
    }
  } catch {
    // The connection was cut.
  }
}
