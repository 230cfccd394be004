import { Buffer } from "node:buffer";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { withoutBrackets } from "@playground/shared/http";
import { TimeLimit } from "@playground/shared/time";
import SMTPConnection, {
  type SMTPConnectionCustomAuthContext,
} from "nodemailer/lib/smtp-connection";
import type { EmailerConfiguration } from "./configuration.ts";
import type { Mail } from "./mail.ts";
import { smtpUtf8Missing } from "./send_outcome.ts";
import { afterStrayReplies, SmtpContent } from "./smtp_content.ts";

/** Time limits of a mail server: for the connection, for the greeting, and for silence later. */
export interface SmtpTimeLimits {
  readonly connectionTimeoutMs: number;
  readonly greetingTimeoutMs: number;
  readonly silenceTimeoutMs: number;
}

/** One connection to a mail server (RFC 5321), logged in. */
export class SmtpSession {
  readonly #connection: SMTPConnection;
  #offersSmtpUtf8 = false;
  #isOpen = true;
  #mailCount = 0;
  #fail: (reason: unknown) => void = () => {};

  private constructor(connection: SMTPConnection) {
    this.#connection = connection;
    connection.on("error", (error) => this.#fail(error));
    connection.on("end", () => {
      this.#isOpen = false;
      const fail = this.#fail;
      // Deferred, so that an error, which names the cause, comes first.
      queueMicrotask(() =>
        fail(Object.assign(new Error("Connection closed"), { code: "ECONNECTION" }))
      );
    });
  }

  /**
   * Connects, says EHLO, encrypts and logs in.
   *
   * @throws nodemailer's or the network's error, or the signal's reason.
   */
  static async open(
    configuration: EmailerConfiguration,
    { connectionTimeoutMs, greetingTimeoutMs, silenceTimeoutMs }: SmtpTimeLimits,
    signal: AbortSignal,
  ): Promise<SmtpSession> {
    const { SMTP_TLS, SMTP_CA: ca, MAILTRAP_USER: user, MAILTRAP_PASSWORD: pass } = configuration;
    const host = withoutBrackets(configuration.SMTP_HOST);
    const connection = new SMTPConnection({
      host,
      secure: SMTP_TLS === "implicit",
      requireTLS: SMTP_TLS === "starttls",
      ignoreTLS: SMTP_TLS === "none",
      tls: ca === undefined ? {} : { ca },
      name: configuration.SMTP_NAME,
      connection: await openSocket(host, configuration.SMTP_PORT, connectionTimeoutMs, signal),
      // nodemailer counts everything up to the end of STARTTLS, the greeting included.
      connectionTimeout: connectionTimeoutMs + 2 * greetingTimeoutMs,
      greetingTimeout: greetingTimeoutMs,
      socketTimeout: silenceTimeoutMs,
      customAuth: { LOGIN: logIn },
    });
    const session = new SmtpSession(connection);
    await session.#run(signal, (done) => connection.connect(done));
    // The last reply is that to EHLO; nodemailer does not expose the parsed one. Nor does its `allowsAuth` mean an offer: it is set
    // by a server's name, such as smtp-auth.example.com, and after HELO, to which no server offers anything.
    const offer = String(connection.lastServerResponse);
    session.#offersSmtpUtf8 = /^250[ -]SMTPUTF8\b/im.test(offer);
    if (/^250[ -]AUTH(?:[ =]|$)/im.test(offer)) {
      const logIn = session.#run(signal, (done) => connection.login({ user, pass }, done));
      await logIn.catch((error) => {
        session.close();
        throw error;
      });
    }
    return session;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** How many mails were sent, failed ones included. */
  get mailCount(): number {
    return this.#mailCount;
  }

  /**
   * Sends one mail.
   *
   * @returns The reply to the whole mail.
   * @throws nodemailer's error, {@linkcode smtpUtf8Missing}, or the signal's reason.
   */
  async send({ envelope: { from, to }, raw }: Mail, signal: AbortSignal): Promise<string> {
    const connection = this.#connection;
    // With such an envelope, nodemailer asks for SMTPUTF8; without the server's offer, it would still send the mail.
    const isInternational = [from, ...to].some((address) => /[^ -~]/.test(address));
    if (isInternational && !this.#offersSmtpUtf8) throw smtpUtf8Missing();
    await afterStrayReplies(connection);
    this.#mailCount++;
    connection.lastServerResponse = false;
    const content = new SmtpContent(raw, connection);
    try {
      const { response } = await this.#run<{ readonly response: string }>(
        signal,
        // The addresses are in the mail's header, too, which makes the mail 8-bit (RFC 6532 section 3.5).
        (done) =>
          connection.send(
            { from, to: [...to], use8BitMime: isInternational },
            content,
            (error, result) => {
              content.isAnswered = true;
              done(error, result);
            },
          ),
      );
      if (!content.readableEnded) {
        throw new Error(`the mail server answered ${response} before the end of the mail`);
      }
      // nodemailer reads the first digit alone. All lines should have the same code (RFC 5321 section 4.2.1).
      if (!/(?:^|\n)2\d\d(?!\d)[^\n]*$/.test(response)) {
        throw new Error(`the mail server answered ${response}`);
      }
      return response;
    } finally {
      // What follows would be read as a part of this mail.
      if (content.isBegun && !content.readableEnded) this.close();
    }
  }

  /** Whether the server accepted the MAIL command of the mail that failed with this error, or may have accepted it. */
  hasBegunMail(error: unknown): boolean {
    const { command, responseCode }: Readonly<Record<string, unknown>> = { ...Object(error) };
    if (command === "MAIL FROM" && responseCode === 421) return false;
    return this.#connection.lastServerResponse !== false;
  }

  /** Ends the transaction of a refused mail, so that the next one can begin. */
  async reset(signal: AbortSignal): Promise<void> {
    await afterStrayReplies(this.#connection);
    await this.#run(signal, (done) => this.#connection.reset(done));
  }

  /** Sends QUIT without waiting for the reply. */
  close(): void {
    if (this.#isOpen) this.#connection.quit();
    this.#connection.close();
  }

  /** Runs one operation, which ends with its callback, the connection, or the signal, which breaks the connection. */
  async #run<Result>(
    signal: AbortSignal,
    begin: (done: (error?: Error | null, result?: Result) => void) => void,
  ): Promise<Result> {
    const { promise, resolve, reject } = Promise.withResolvers<Result>();
    this.#fail = reject;
    const onAbort = () => {
      reject(signal.reason);
      this.#connection.close();
      // No further byte: unsent output must not complete the mail.
      if (this.#connection._socket) this.#connection._socket.destroy();
    };
    signal.addEventListener("abort", onAbort, { once: true });
    if (signal.aborted) onAbort();
    else begin((error, result) => error ? reject(error) : resolve(result as Result));
    try {
      return await promise;
    } finally {
      this.#fail = () => {};
      signal.removeEventListener("abort", onAbort);
    }
  }
}

/**
 * Opens a connection for nodemailer, which would resolve the name itself and need permission to reach any name server.
 *
 * @throws The network's error, or the signal's reason.
 */
async function openSocket(
  host: string,
  port: number,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Socket> {
  signal.throwIfAborted();
  using limit = new TimeLimit(timeoutMs, signal);
  const socket = connect({ host, port });
  try {
    await once(socket, "connect", { signal: limit.signal });
    return socket;
  } catch (error) {
    socket.on("error", () => {}); // Later errors add nothing.
    socket.destroy();
    signal.throwIfAborted();
    throw limit.signal.aborted ? new Error(`no connection within ${timeoutMs} ms`) : error;
  }
}

/** AUTH LOGIN. nodemailer's own requires a text after 334, which some servers omit. */
async function logIn({ auth, sendCommand }: SMTPConnectionCustomAuthContext): Promise<void> {
  const { user, pass } = auth.credentials;
  const challenges = ["AUTH LOGIN", base64(user)];
  for (const command of challenges) {
    const { response } = await sendCommand(command);
    if (!response.startsWith("334")) throw new Error("Invalid login");
  }
  const { response } = await sendCommand(base64(pass));
  if (!response.startsWith("2")) throw new Error("Invalid login");
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}
