import { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import { getLogger } from "@logtape/logtape";
import {
  SMTPServer,
  type SMTPServerDataStream,
  type SMTPServerError,
  type SMTPServerOptions,
  type SMTPServerSession,
} from "smtp-server";
import { listenOn } from "../listen.ts";
import { emulatedBounce, type NegativeReply } from "./bounce_emulator.ts";
import type { Certificates } from "./certificates.ts";
import type { Envelope } from "./message_summary.ts";
import type { SmtpFaults } from "./smtp_faults.ts";

const logger = getLogger(["standins", "mailtrap", "smtp"]);

/** Mailtrap's replies, word for word, with their enhanced status codes. */
const REPLY = {
  accepted: "2.0.0 Ok: queued",
  authenticationRequired: { code: 530, text: "5.7.1 Authentication required" },
  wrongCredentials: { code: 535, text: "5.7.0 Invalid login or password" },
  tooBig: { code: 552, text: "5.3.4 Error: message too big" },
  incomplete: { code: 451, text: "4.4.2 Error: the message is incomplete" },
  notStored: { code: 451, text: "4.3.0 Error: the message could not be stored" },
} as const;

/** A server waits this long at least for the next command (RFC 5321 section 4.5.3.2.7). */
const IDLE_TIMEOUT_MS = 5 * 60 * 1000;

/** A mail whose last dot has arrived. */
export interface IncomingMail extends Envelope {
  readonly clientIp: string;
  /** The bytes after DATA, their dot-stuffing undone. */
  readonly raw: Uint8Array;
}

export interface SmtpServerOptions {
  readonly hostname: string;
  readonly port: number;
  /** The only name that clients can log in with. */
  readonly user: string;
  readonly password: string;
  readonly maxMessageSizeBytes: number;
  readonly certificates: Certificates;
  /** Only when this has returned is a mail accepted; when it throws the client is told to try again. */
  readonly store: (mail: IncomingMail) => void;
  readonly faults: SmtpFaults;
}

/**
 * The SMTP side of the stand-in. STARTTLS has to come before AUTH, and AUTH before MAIL. Disposing it cuts its connections; a mail
 * that is just being stored is waited for.
 */
export class SmtpServer implements AsyncDisposable {
  readonly #options: SmtpServerOptions;
  readonly #server: SMTPServer;
  readonly #sockets = new Set<Socket>();
  readonly #deliveries = new Map<SMTPServerSession, Promise<void>>();
  /** Who has to log in again after the mail that is being taken in. */
  readonly #leaving = new Set<SMTPServerSession>();
  readonly #closing = new AbortController();

  constructor(options: SmtpServerOptions) {
    this.#options = options;
    this.#server = new SMTPServer({
      ...settingsOf(options),
      ...stepsBeforeData(options),
      onData: (stream, session, callback) => this.#onData(stream, session, callback),
    });
    this.#server.server.on("connection", (socket) => {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
    });
    this.#server.on("error", (error) => {
      // While it does not listen yet, a taken port is for `listenOn` to deal with.
      if (this.#server.server.listening) {
        logger.warn("A connection failed: {reason}", { reason: error.message });
      }
    });
  }

  /** Returns the port, which may be a higher one than was asked for. */
  async listen(): Promise<number> {
    const { hostname, port, faults } = this.#options;
    const ignoreFaults = faults.onLoginsRefused(() => this.#endLogins());
    this.#closing.signal.addEventListener("abort", ignoreFaults);
    return await listenOn(hostname, this.#server.server, port);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    const closed = new Promise<void>((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
    await Promise.all(this.#deliveries.values());
  }

  #onData(
    stream: SMTPServerDataStream,
    session: SMTPServerSession,
    callback: (error: SMTPServerError | null, message?: string) => void,
  ): void {
    const delivery = this.#receive(stream, session).then((refusal) => {
      callback(replyError(refusal), REPLY.accepted);
      this.#deliveries.delete(session);
      if (this.#leaving.delete(session)) this.#close(session);
    });
    this.#deliveries.set(session, delivery);
  }

  /** Returns the reply when the mail was not accepted. */
  async #receive(
    stream: SMTPServerDataStream,
    session: SMTPServerSession,
  ): Promise<NegativeReply | undefined> {
    // The session's envelope belongs to the transaction, not to this function: taken before anything is waited for.
    const { mailFrom, rcptTo } = session.envelope;
    const { faults, store } = this.#options;
    const isCut = faults.cutsDuringData();
    if (isCut) this.#hangUp(session);
    let raw: Uint8Array | undefined;
    try {
      raw = await readMail(stream);
      if (isCut) return REPLY.incomplete;
    } catch (error) {
      logger.debug("A client left in the middle of a mail: {error}", { error });
      return REPLY.incomplete;
    }
    if (raw === undefined) return REPLY.tooBig;
    const refusal = await faults.onMail(this.#closing.signal);
    if (refusal !== undefined) return refusal;
    try {
      store({
        raw,
        mailFrom: mailFrom === false ? "" : mailFrom.address,
        recipients: rcptTo.map(({ address }) => address),
        clientIp: session.remoteAddress,
      });
    } catch (error) {
      logger.error("Cannot store a mail: {error}", { error });
      return REPLY.notStored;
    }
    if (faults.cutsAfterData()) this.#hangUp(session);
    return undefined;
  }

  /** Who sends a mail may end it. */
  #endLogins(): void {
    for (const { session } of [...this.#server.connections]) {
      if (session.user === undefined) continue;
      if (this.#deliveries.has(session)) this.#leaving.add(session);
      else this.#close(session);
    }
  }

  #close(session: SMTPServerSession): void {
    for (const connection of this.#server.connections) {
      if (connection.session === session) connection.close();
    }
  }

  #hangUp({ remotePort }: SMTPServerSession): void {
    for (const socket of this.#sockets) if (socket.remotePort === remotePort) socket.destroy();
  }
}

function settingsOf({ certificates, maxMessageSizeBytes }: SmtpServerOptions): SMTPServerOptions {
  return {
    logger: false,
    name: "localhost",
    banner: "Mailtrap stand-in ready",
    disableReverseLookup: true,
    // Else it refuses the longest addresses that RFC 5321 section 4.5.3.1.3 allows.
    lenientAddressParsing: true,
    key: certificates.privateKeyPem,
    cert: certificates.certificatePem,
    authMethods: ["PLAIN", "LOGIN"],
    authRequiredMessage: REPLY.authenticationRequired.text,
    socketTimeout: IDLE_TIMEOUT_MS,
    // The limit is kept but not announced, so that going over it gets Mailtrap's reply and not the library's.
    size: maxMessageSizeBytes,
    hideSize: true,
  };
}

/** The answers to each step of the dialogue up to the mail itself. */
function stepsBeforeData(
  { faults, user, password, maxMessageSizeBytes }: SmtpServerOptions,
): SMTPServerOptions {
  return {
    onConnect(session, callback) {
      // Refused before STARTTLS, hence not offered (RFC 4954 section 4).
      session.disabledCommands = ["AUTH"];
      callback(replyError(faults.onConnect()));
    },
    onSecure(_socket, session, callback) {
      session.disabledCommands = undefined;
      callback(null);
    },
    onAuth(login, _session, callback) {
      const isRight = login.username === user && login.password === password;
      const refusal = faults.onAuth() ?? (isRight ? undefined : REPLY.wrongCredentials);
      callback(replyError(refusal), refusal === undefined ? { user } : undefined);
    },
    onMailFrom({ args }, session, callback) {
      // The library asks for a login only where it offers one.
      if (session.user === undefined) return callback(replyError(REPLY.authenticationRequired));
      const announcedBytes = args === false ? 0 : Number(args.SIZE ?? 0);
      const refusal = announcedBytes > maxMessageSizeBytes ? REPLY.tooBig : undefined;
      // Not at once: a mail that was pipelined behind another one would be through before the library has noted the end of
      // the other one, and the connection would hang.
      queueMicrotask(() => callback(replyError(refusal)));
    },
    onRcptTo({ address }, _session, callback) {
      callback(replyError(emulatedBounce(address) ?? faults.onRecipient()));
    },
  };
}

/** Of a mail that is too big nothing is kept, and `undefined` is returned. */
async function readMail(stream: SMTPServerDataStream): Promise<Uint8Array | undefined> {
  let chunks: Uint8Array[] = [];
  for await (const chunk of stream as AsyncIterable<Uint8Array>) {
    if (stream.sizeExceeded) chunks = [];
    else chunks.push(chunk);
  }
  return stream.sizeExceeded ? undefined : Buffer.concat(chunks);
}

/** A negative reply in the form that the library wants. */
function replyError(reply: NegativeReply | undefined): SMTPServerError | null {
  if (reply === undefined) return null;
  return Object.assign(new Error(reply.text), { responseCode: reply.code });
}
