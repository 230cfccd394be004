import { sleep } from "@playground/shared/time";
import type { Mail } from "./mail.ts";
import { isAboutMail, isClosedByServer } from "./send_outcome.ts";
import type { SmtpSession } from "./smtp_session.ts";

interface SmtpPoolOptions {
  readonly open: (signal: AbortSignal) => Promise<SmtpSession>;
  readonly maxConnections: number;
  /** 0: no limit. */
  readonly mailsPerSecond: number;
}

/** A connection is renewed after this many mails, as servers expect. */
const MAILS_PER_CONNECTION = 500;
/** An idle connection is closed before the server closes it, after five minutes (RFC 5321 section 4.5.3.2.7). */
const IDLE_TIMEOUT_MS = 4 * 60_000;
/** How often a mail gets another connection when the server closes one before the mail has begun. */
const MAX_RECONNECTIONS = 3;

/** Connections to a mail server, reused by one mail after the other. Disposing it closes them. */
export class SmtpPool implements Disposable {
  readonly #options: SmtpPoolOptions;
  readonly #sessions = new Set<SmtpSession>();
  /** The connections without a mail, and the timer that closes each. */
  readonly #idle = new Map<SmtpSession, ReturnType<typeof setTimeout>>();
  readonly #waiting = new Set<() => void>();
  readonly #closing = new AbortController();
  #freeConnections: number;
  #nextMailAtMs = 0;

  constructor(options: SmtpPoolOptions) {
    this.#options = options;
    this.#freeConnections = options.maxConnections;
  }

  /**
   * Sends one mail as soon as a connection is free. If the server closes it before the mail has begun, another one replaces it.
   *
   * @param waiting Ends the mail before it has begun.
   * @param signal Ends it at any time.
   * @throws nodemailer's or the network's error, or the reason of the aborted signal.
   */
  async send(mail: Mail, waiting: AbortSignal, signal: AbortSignal): Promise<string> {
    await this.#acquire(waiting);
    let session: SmtpSession | undefined;
    let isRefused = false;
    try {
      await this.#throttle(waiting);
      session = this.#takeIdle();
      for (let reconnections = 0;; reconnections++) {
        try {
          session ??= await this.#open(waiting);
          return await session.send(mail, signal);
        } catch (error) {
          isRefused = isAboutMail(error);
          if (isRefused) throw error;
          const canRepeat = isClosedByServer(error) && !session?.hasBegunMail(error);
          this.#drop(session);
          session = undefined;
          if (!canRepeat || reconnections === MAX_RECONNECTIONS) throw error;
        }
      }
    } finally {
      this.#release(session, isRefused);
    }
  }

  /** Closes all connections; mails in progress fail. */
  [Symbol.dispose](): void {
    this.#closing.abort();
    for (const timer of this.#idle.values()) clearTimeout(timer);
    for (const session of this.#sessions) session.close();
  }

  async #acquire(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#freeConnections > 0) {
      this.#freeConnections--;
      return;
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#waiting.add(resolve);
    const onAbort = () => {
      if (this.#waiting.delete(resolve)) reject(signal.reason);
    };
    signal.addEventListener("abort", onAbort, { once: true });
    await promise;
    signal.removeEventListener("abort", onAbort);
  }

  /** Hands the connection on to the next mail, ready for it. */
  async #release(session: SmtpSession | undefined, needsReset: boolean): Promise<void> {
    try {
      if (needsReset && session?.isOpen) await session.reset(this.#closing.signal);
      this.#keep(session);
    } catch {
      this.#drop(session); // The next mail uses another one.
    }
    const [next] = this.#waiting;
    if (next === undefined) this.#freeConnections++;
    else {
      this.#waiting.delete(next);
      next();
    }
  }

  async #throttle(signal: AbortSignal): Promise<void> {
    const { mailsPerSecond } = this.#options;
    if (mailsPerSecond === 0) return;
    const nowMs = performance.now();
    const atMs = Math.max(nowMs, this.#nextMailAtMs);
    this.#nextMailAtMs = atMs + 1_000 / mailsPerSecond;
    if (atMs > nowMs) await sleep(atMs - nowMs, signal);
    signal.throwIfAborted();
  }

  async #open(signal: AbortSignal): Promise<SmtpSession> {
    const session = await this.#options.open(AbortSignal.any([signal, this.#closing.signal]));
    this.#sessions.add(session);
    return session;
  }

  #takeIdle(): SmtpSession | undefined {
    // The one used last: the server is least likely to have closed it.
    for (const [session, timer] of [...this.#idle].toReversed()) {
      clearTimeout(timer);
      this.#idle.delete(session);
      if (session.isOpen) return session;
      this.#sessions.delete(session);
    }
    return undefined;
  }

  #keep(session: SmtpSession | undefined): void {
    const isWorn = session === undefined || !session.isOpen ||
      session.mailCount >= MAILS_PER_CONNECTION || this.#closing.signal.aborted;
    if (isWorn) return this.#drop(session);
    const timer = setTimeout(() => {
      this.#idle.delete(session);
      this.#drop(session);
    }, IDLE_TIMEOUT_MS);
    this.#idle.set(session, timer);
  }

  #drop(session: SmtpSession | undefined): void {
    if (session === undefined) return;
    this.#sessions.delete(session);
    session.close();
  }
}
