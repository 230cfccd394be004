import { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import { getLogger } from "@logtape/logtape";
import type { Certificates } from "@playground/shared/certificates";
import {
  SMTPServer,
  type SMTPServerDataStream,
  type SMTPServerError,
  type SMTPServerOptions,
  type SMTPServerSession,
} from "smtp-server";
import type { FaultName } from "../faults/catalogue.ts";
import type { Faults } from "../faults/registry.ts";
import { listenOn } from "../listen.ts";
import { type Tampering, traceTampering } from "../trace_headers.ts";
import { CREDENTIAL } from "./api_styles.ts";
import { emulatedBounce } from "./bounce_emulator.ts";
import type { IncomingMail } from "./mailbox.ts";
import { type NegativeReply, REPLY, replyError, replyWith } from "./replies.ts";

const logger = getLogger(["standins", "mailtrap", "smtp"]);

/** A server waits at least this long for the next command (RFC 5321 section 4.5.3.2.7). */
const IDLE_TIMEOUT_MS = 5 * 60 * 1000;

const RATE_WINDOW_MS = 1_000;

const LOGIN_FAULTS: readonly FaultName[] = [
  "smtp.wrong-password",
  "smtp.monthly-limit",
  "smtp.auth-reply",
];

export interface SmtpServerOptions {
  readonly maxMessageSizeBytes: number;
  readonly certificates: Certificates;
  /** A mail is accepted only when this is done; when it fails, the client is asked to try again. */
  readonly store: (mail: IncomingMail) => Promise<void>;
  readonly faults: Faults;
}

/** Requires STARTTLS before AUTH, and AUTH before MAIL. Disposing it cuts its connections and waits for mails being stored. */
export class SmtpServer implements AsyncDisposable {
  readonly #options: SmtpServerOptions;
  readonly #server: SMTPServer;
  readonly #sockets = new Set<Socket>();
  readonly #deliveries = new Map<SMTPServerSession, Promise<void>>();
  readonly #ignoreFaults: () => void;
  /** When the mails of the last second were accepted. */
  #recentMs: readonly number[] = [];

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
      // Until it listens, `listenOn` handles a taken port.
      if (this.#server.server.listening) {
        logger.warn("A connection failed: {reason}", { reason: error.message });
      }
    });
    const { faults } = options;
    this.#ignoreFaults = faults.onChange((changed) => {
      if (LOGIN_FAULTS.includes(changed) && faults.valueOf(changed) !== undefined) {
        this.#endLogins();
      }
    });
  }

  /** Returns the port, which may be higher than the wanted one. */
  async listen(hostname: string, port: number): Promise<number> {
    return await listenOn(hostname, this.#server.server, port);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ignoreFaults();
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
      callback(replyError(refusal), "2.0.0 Ok: queued");
      this.#deliveries.delete(session);
    });
    this.#deliveries.set(session, delivery);
  }

  /** Returns the reply when the mail was not accepted. */
  async #receive(
    stream: SMTPServerDataStream,
    session: SMTPServerSession,
  ): Promise<NegativeReply | undefined> {
    // Copied before the first await: the session's envelope is reset with the transaction.
    const { mailFrom, rcptTo } = session.envelope;
    const { faults, store } = this.#options;
    const isCut = faults.hit("smtp.drop-during-data");
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
    await faults.holdUp("smtp.delay");
    const refusal = replyWith(faults.hit("smtp.reply")) ?? this.#rateLimit();
    if (refusal !== undefined) return refusal;
    try {
      await store({
        raw: tamperedWith(raw, faults.hit("smtp.trace-headers")),
        mailFrom: mailFrom === false ? "" : mailFrom.address,
        recipients: rcptTo.map(({ address }) => address),
        clientIp: session.remoteAddress,
      });
    } catch (error) {
      logger.error("Cannot store a mail: {error}", { error });
      return REPLY.notStored;
    }
    if (faults.hit("smtp.drop-after-data")) this.#hangUp(session);
    return undefined;
  }

  #rateLimit(): NegativeReply | undefined {
    const { faults } = this.#options;
    const limit = faults.valueOf("smtp.rate-limit");
    if (limit === undefined) return undefined;
    const nowMs = Date.now();
    this.#recentMs = this.#recentMs.filter((timeMs) => timeMs > nowMs - RATE_WINDOW_MS);
    if (this.#recentMs.length >= limit && faults.hit("smtp.rate-limit")) return REPLY.rateLimit;
    this.#recentMs = [...this.#recentMs, nowMs];
    return undefined;
  }

  /** Logged-in clients would not notice that logins fail. One that is sending a mail may finish it. */
  #endLogins(): void {
    for (const connection of this.#server.connections) {
      const { session } = connection;
      if (session.user === undefined) continue;
      Promise.resolve(this.#deliveries.get(session)).then(() => connection.close());
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
    // The default refuses the longest addresses that RFC 5321 section 4.5.3.1.3 allows.
    lenientAddressParsing: true,
    key: certificates.privateKeyPem,
    cert: certificates.certificatePem,
    authMethods: ["PLAIN", "LOGIN"],
    authRequiredMessage: REPLY.authenticationRequired.text,
    socketTimeout: IDLE_TIMEOUT_MS,
    // The limit is not announced, so that exceeding it gets Mailtrap's reply and not the library's.
    size: maxMessageSizeBytes,
    hideSize: true,
  };
}

/** The answers to each step of the dialogue up to the mail itself. */
function stepsBeforeData({ faults, maxMessageSizeBytes }: SmtpServerOptions): SMTPServerOptions {
  return {
    onConnect(session, callback) {
      // Refused before STARTTLS, hence not offered (RFC 4954 section 4).
      session.disabledCommands = ["AUTH"];
      callback(replyError(replyWith(faults.hit("smtp.connect-reply"))));
    },
    onSecure(_socket, session, callback) {
      session.disabledCommands = undefined;
      callback(null);
    },
    onAuth({ username, password }, _session, callback) {
      const isRight = username === CREDENTIAL && password === CREDENTIAL;
      const isWrong = !isRight || faults.hit("smtp.wrong-password");
      const refusal = isWrong
        ? REPLY.wrongCredentials
        : faults.hit("smtp.monthly-limit")
        ? REPLY.monthlyLimit
        : replyWith(faults.hit("smtp.auth-reply"));
      callback(replyError(refusal), refusal === undefined ? { user: CREDENTIAL } : undefined);
    },
    onMailFrom({ args }, session, callback) {
      // The library asks for a login only where it offers one.
      if (session.user === undefined) return callback(replyError(REPLY.authenticationRequired));
      const announcedBytes = args === false ? 0 : Number(args.SIZE ?? 0);
      const refusal = announcedBytes > maxMessageSizeBytes ? REPLY.tooBig : undefined;
      // Deferred: a pipelined mail would otherwise end before the library has noted the end of the previous one, and the
      // connection would hang.
      queueMicrotask(() => callback(replyError(refusal)));
    },
    onRcptTo({ address }, _session, callback) {
      const refusal = emulatedBounce(address) ?? replyWith(faults.hit("smtp.recipient-reply"));
      callback(replyError(refusal));
    },
  };
}

/** Returns `undefined` for a mail that is too big, and keeps none of it. */
async function readMail(stream: SMTPServerDataStream): Promise<Uint8Array | undefined> {
  let chunks: Uint8Array[] = [];
  for await (const chunk of stream as AsyncIterable<Uint8Array>) {
    if (stream.sizeExceeded) chunks = [];
    else chunks.push(chunk);
  }
  return stream.sizeExceeded ? undefined : Buffer.concat(chunks);
}

/** A header of a mail with its folded lines (RFC 5322 section 2.2.3). */
const HEADER = /^([^\s:]+)(:[ \t]*)(.*(?:\r\n[ \t].*)*\r\n)/gm;

function tamperedWith(raw: Uint8Array, how: Tampering | undefined): Uint8Array {
  if (how === undefined) return raw;
  const tamper = traceTampering(how);
  const mail = Buffer.from(raw).toString("latin1");
  const end = mail.indexOf("\r\n\r\n") + 2;
  const headers = mail.slice(0, end).replace(HEADER, (header, name, colon, value) => {
    const tampered = tamper(name, value);
    if (tampered === value) return header;
    return tampered === undefined ? "" : `${name}${colon}${tampered.trim()}\r\n`;
  });
  return Buffer.from(headers + mail.slice(end), "latin1");
}
