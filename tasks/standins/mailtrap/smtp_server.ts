import { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import { getLogger } from "@logtape/logtape";
import {
  SMTPServer,
  type SMTPServerDataStream,
  type SMTPServerError,
  type SMTPServerSession,
} from "smtp-server";
import { listenOn } from "../listen.ts";
import { emulatedBounce, type NegativeReply } from "./bounce_emulator.ts";
import type { Certificates } from "./certificates.ts";
import type { Envelope } from "./message_summary.ts";
import type { SmtpFaults } from "./smtp_faults.ts";

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
  /** The IP address of the client. */
  readonly clientIp: string;
  /** The bytes after DATA, their dot-stuffing undone. */
  readonly raw: Uint8Array;
}

/** What {@linkcode startSmtpServer} needs. */
export interface SmtpServerOptions {
  /** The address to listen on. */
  readonly hostname: string;
  /** The wanted port; the next free one is taken when it is busy, any for 0. */
  readonly port: number;
  /** The only name that clients can log in with. */
  readonly user: string;
  /** Its password. */
  readonly password: string;
  /** Larger mails are refused. */
  readonly maxMessageSizeBytes: number;
  /** What STARTTLS uses. */
  readonly certificates: Certificates;
  /** Keeps a mail. Only when this has resolved is the mail accepted; when it rejects the client is told to try again. */
  readonly store: (mail: IncomingMail) => Promise<void>;
  /** What is to go wrong. */
  readonly faults: SmtpFaults;
}

/** A running SMTP server. Disposing it cuts its connections; a mail that is just being stored is waited for. */
export interface SmtpServer extends AsyncDisposable {
  /** The port that it listens on. */
  readonly port: number;
}

/** Starts the SMTP side of the stand-in. STARTTLS has to come before AUTH, and AUTH before MAIL. */
export async function startSmtpServer(options: SmtpServerOptions): Promise<SmtpServer> {
  const logger = getLogger(["standins", "mailtrap", "smtp"]);
  const { faults } = options;
  const deliveries = new Set<Promise<void>>();
  /** Whose mail is being taken in; and who has to log in again after it. */
  const receiving = new Set<SMTPServerSession>();
  const leaving = new Set<SMTPServerSession>();
  const closing = new AbortController();
  const server = new SMTPServer({
    logger: false,
    name: "localhost",
    banner: "Mailtrap stand-in ready",
    disableReverseLookup: true,
    // Else it refuses the longest addresses that RFC 5321 section 4.5.3.1.3 allows.
    lenientAddressParsing: true,
    key: options.certificates.privateKeyPem,
    cert: options.certificates.certificatePem,
    authMethods: ["PLAIN", "LOGIN"],
    authRequiredMessage: REPLY.authenticationRequired.text,
    socketTimeout: IDLE_TIMEOUT_MS,
    // The limit is kept but not announced, so that going over it gets Mailtrap's reply and not the library's.
    size: options.maxMessageSizeBytes,
    hideSize: true,

    onConnect(session, callback) {
      // Refused before STARTTLS, hence not offered (RFC 4954 section 4).
      session.disabledCommands = ["AUTH"];
      const refusal = faults.onConnect();
      callback(refusal === undefined ? null : replyError(refusal));
    },
    onSecure(_socket, session, callback) {
      session.disabledCommands = undefined;
      callback(null);
    },
    onAuth({ username, password }, _session, callback) {
      const refusal = faults.onAuth();
      if (refusal !== undefined) callback(replyError(refusal));
      else if (username === options.user && password === options.password) {
        callback(null, { user: username });
      } else {
        callback(replyError(REPLY.wrongCredentials));
      }
    },
    onMailFrom({ args }, session, callback) {
      // The library asks for a login only where it offers one.
      if (session.user === undefined) return callback(replyError(REPLY.authenticationRequired));
      const announcedBytes = args === false ? 0 : Number(args.SIZE ?? 0);
      const tooBig = announcedBytes > options.maxMessageSizeBytes;
      // Not at once: a mail that was pipelined behind another one would be through before the library has noted the end of
      // the other one, and the connection would hang.
      queueMicrotask(() => callback(tooBig ? replyError(REPLY.tooBig) : null));
    },
    onRcptTo({ address }, _session, callback) {
      const refusal = emulatedBounce(address) ?? faults.onRecipient();
      callback(refusal === undefined ? null : replyError(refusal));
    },
    onData(stream, session, callback) {
      receiving.add(session);
      const delivery = receive(stream, session).then((reply) => {
        if (reply === undefined) callback(null, REPLY.accepted);
        else callback(replyError(reply));
        receiving.delete(session);
        if (leaving.delete(session)) closeConnection(session);
      });
      deliveries.add(delivery);
      delivery.finally(() => deliveries.delete(delivery));
    },
  });

  /** Takes in the mail that follows DATA; returns the reply when it was not accepted. */
  async function receive(
    stream: SMTPServerDataStream,
    session: SMTPServerSession,
  ): Promise<NegativeReply | undefined> {
    // The session's envelope belongs to the transaction, not to this function: taken before anything is waited for.
    const { mailFrom, rcptTo } = session.envelope;
    const isCut = faults.cutsDuringData();
    if (isCut) hangUp(session);
    let raw: Uint8Array | undefined;
    try {
      raw = await readMail(stream);
      if (isCut) return REPLY.incomplete;
    } catch (error) {
      logger.debug("A client left in the middle of a mail: {reason}", { reason: messageOf(error) });
      return REPLY.incomplete;
    }
    if (raw === undefined) return REPLY.tooBig;
    const refusal = await faults.onMail(closing.signal);
    if (refusal !== undefined) return refusal;
    try {
      await options.store({
        raw,
        mailFrom: mailFrom === false ? "" : mailFrom.address,
        recipients: rcptTo.map(({ address }) => address),
        clientIp: session.remoteAddress,
      });
      if (faults.cutsAfterData()) hangUp(session);
      return undefined;
    } catch (error) {
      logger.error("Cannot store a mail: {error}", { error });
      return REPLY.notStored;
    }
  }

  function closeConnection(session: SMTPServerSession): void {
    for (const connection of server.connections) {
      if (connection.session === session) connection.close();
    }
  }

  const ignoreFaults = faults.onLoginsRefused(() => {
    for (const { session } of [...server.connections]) {
      if (session.user === undefined) continue;
      if (receiving.has(session)) leaving.add(session);
      else closeConnection(session);
    }
  });

  const sockets = new Set<Socket>();

  function hangUp({ remotePort }: SMTPServerSession): void {
    for (const socket of sockets) if (socket.remotePort === remotePort) socket.destroy();
  }

  server.server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  server.on("error", (error) => {
    // While it does not listen yet, a taken port is for `listenOn` to deal with.
    if (server.server.listening) {
      logger.warn("A connection failed: {reason}", { reason: error.message });
    }
  });
  const port = await listenOn(options.hostname, server.server, options.port);
  return {
    port,
    async [Symbol.asyncDispose]() {
      ignoreFaults();
      closing.abort();
      const closed = new Promise<void>((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
      await Promise.all(deliveries);
    },
  };
}

/** Reads the stream to its end. Of a mail that is too big nothing is kept, and `undefined` is returned. */
async function readMail(stream: SMTPServerDataStream): Promise<Uint8Array | undefined> {
  let chunks: Uint8Array[] = [];
  for await (const chunk of stream as AsyncIterable<Uint8Array>) {
    if (stream.sizeExceeded) chunks = [];
    else chunks.push(chunk);
  }
  return stream.sizeExceeded ? undefined : Buffer.concat(chunks);
}

/** A negative reply in the form that the library wants. */
function replyError({ code, text }: NegativeReply): SMTPServerError {
  return Object.assign(new Error(text), { responseCode: code });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
