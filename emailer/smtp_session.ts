import { Buffer } from "node:buffer";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { Readable } from "node:stream";
import { TimeLimit } from "@playground/shared/time";
import SMTPConnection, {
  type SMTPConnectionCustomAuthContext,
} from "nodemailer/lib/smtp-connection";
import type { Mail } from "./mail.ts";
import { smtpUtf8Missing } from "./send_outcome.ts";

/** How long a mail server may take: until it takes the connection, until it greets, and between what it says later. */
export interface SmtpTimeLimits {
  readonly connectionTimeoutMs: number;
  readonly greetingTimeoutMs: number;
  readonly silenceTimeoutMs: number;
}

/** A mail server, and who we are to it. */
export interface SmtpServer {
  readonly host: string;
  readonly port: number;
  readonly tlsMode: "starttls" | "implicit" | "none";
  /** A private certificate authority, in PEM. */
  readonly ca?: string | undefined;
  readonly user: string;
  readonly password: string;
  /** The name that we give at EHLO. */
  readonly clientName: string;
  readonly limits: SmtpTimeLimits;
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
      // Later, so that an error, which names the cause, is heard first.
      queueMicrotask(() =>
        fail(Object.assign(new Error("Connection closed"), { code: "ECONNECTION" }))
      );
    });
  }

  /**
   * Connects, says EHLO, encrypts and logs in.
   *
   * @throws What nodemailer or the network says, or the signal's reason.
   */
  static async open(server: SmtpServer, signal: AbortSignal): Promise<SmtpSession> {
    const { host, tlsMode, ca, limits } = server;
    const { connectionTimeoutMs, greetingTimeoutMs, silenceTimeoutMs } = limits;
    const connection = new SMTPConnection({
      host,
      secure: tlsMode === "implicit",
      requireTLS: tlsMode === "starttls",
      ignoreTLS: tlsMode === "none",
      tls: ca === undefined ? {} : { ca },
      name: server.clientName,
      connection: await openSocket(server, signal),
      // nodemailer counts all until the end of STARTTLS, the greeting included.
      connectionTimeout: connectionTimeoutMs + 2 * greetingTimeoutMs,
      greetingTimeout: greetingTimeoutMs,
      socketTimeout: silenceTimeoutMs,
      customAuth: { LOGIN: logIn },
    });
    const session = new SmtpSession(connection);
    await session.#run(signal, (done) => connection.connect(done));
    // The last reply is that to EHLO; nodemailer does not expose what it has read of it.
    session.#offersSmtpUtf8 = /^250[ -]SMTPUTF8\b/im.test(String(connection.lastServerResponse));
    if (connection.allowsAuth) {
      const auth = { user: server.user, pass: server.password };
      await session.#run(signal, (done) => connection.login(auth, done)).catch((error) => {
        session.close();
        throw error;
      });
    }
    return session;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** With those that failed. */
  get mailCount(): number {
    return this.#mailCount;
  }

  /**
   * Sends one mail.
   *
   * @returns The reply to the whole mail.
   * @throws What nodemailer says, {@linkcode smtpUtf8Missing}, or the signal's reason.
   */
  async send({ envelope: { from, to }, raw }: Mail, signal: AbortSignal): Promise<string> {
    const connection = this.#connection;
    // With such an envelope, nodemailer asks for SMTPUTF8; without the offer, it would send it all the same.
    const isInternational = [from, ...to].some((address) => /[^ -~]/.test(address));
    if (isInternational && !this.#offersSmtpUtf8) throw smtpUtf8Missing();
    this.#mailCount++;
    connection.lastServerResponse = false;
    const content = new Readable({
      // nodemailer takes any 2xx for an answer to DATA. What follows would be commands to such a server, if not nothing at all.
      read() {
        const reply = String(connection.lastServerResponse);
        if (!reply.startsWith("354")) {
          this.destroy(new Error(`the mail server answered DATA with ${reply}`));
          return;
        }
        this.push(Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength));
        this.push(null);
      },
    });
    const { response } = await this.#run<{ readonly response: string }>(
      signal,
      // The addresses stand in the mail's header, too, which makes it one of eight bits (RFC 6532 section 3.5).
      (done) => connection.send({ from, to: [...to], use8BitMime: isInternational }, content, done),
    );
    return response;
  }

  /** Whether the server took the MAIL command of the mail that failed with this error, or may have. */
  hasBegunMail(error: unknown): boolean {
    const { command, responseCode }: Readonly<Record<string, unknown>> = { ...Object(error) };
    if (command === "MAIL FROM" && responseCode === 421) return false;
    return this.#connection.lastServerResponse !== false;
  }

  /** Ends the transaction of a mail that was refused, so that the next one can begin. */
  async reset(signal: AbortSignal): Promise<void> {
    await this.#run(signal, (done) => this.#connection.reset(done));
  }

  /** Says goodbye, and does not wait for an answer. */
  close(): void {
    if (this.#isOpen) this.#connection.quit();
    this.#connection.close();
  }

  /** Does one thing, which ends with its callback, with the connection, or with the signal; the latter breaks the connection. */
  async #run<Result>(
    signal: AbortSignal,
    begin: (done: (error?: Error | null, result?: Result) => void) => void,
  ): Promise<Result> {
    const { promise, resolve, reject } = Promise.withResolvers<Result>();
    this.#fail = reject;
    const onAbort = () => {
      reject(signal.reason);
      this.#connection.close();
      // No further byte: what has not left yet must not complete the mail.
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
 * Opens a connection for nodemailer, which would resolve the name by itself and need permission to reach any name server.
 *
 * @throws What the network says, or the signal's reason.
 */
async function openSocket(
  { host, port, limits: { connectionTimeoutMs } }: SmtpServer,
  signal: AbortSignal,
): Promise<Socket> {
  signal.throwIfAborted();
  using limit = new TimeLimit(connectionTimeoutMs, signal);
  const socket = connect({ host, port });
  try {
    await once(socket, "connect", { signal: limit.signal });
    return socket;
  } catch (error) {
    socket.on("error", () => {}); // Later errors say nothing new.
    socket.destroy();
    signal.throwIfAborted();
    throw limit.signal.aborted
      ? new Error(`no connection within ${connectionTimeoutMs} ms`)
      : error;
  }
}

/** AUTH LOGIN. nodemailer's own wants a text after 334, which some servers leave out. */
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
