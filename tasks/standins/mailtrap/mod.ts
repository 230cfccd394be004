/**
 * The embedded stand-in for Mailtrap's email sandbox: an SMTP server that takes mails in, and Mailtrap's API that hands them
 * out, on one durable store.
 *
 * A mail's way: `smtp_server.ts` speaks SMTP with the client (STARTTLS with the certificates of `certificates.ts`, AUTH, the
 * addresses of `bounce_emulator.ts`) → `message_summary.ts` reads what an inbox shows of it → `mailbox.ts` commits it to
 * SQLite → only then the client gets its 250. `api.ts` lists, reads and deletes mails in the three styles of
 * `api_styles.ts`; `inbox_page.ts` shows them to people. Nothing is ever dropped by itself.
 * `smtp_faults.ts` and `failing.ts` let it fail on purpose.
 *
 * @module
 */

import { Hono, type MiddlewareHandler } from "@hono/hono";
import { getLogger } from "@logtape/logtape";
import { calledHost, isLoopback } from "@playground/shared/http";
import { Faults } from "../faults/registry.ts";
import { LOOPBACK, serveHttpOn } from "../listen.ts";
import { openStore } from "../sqlite.ts";
import type { StandIn, StandInOptions } from "../stand_in.ts";
import { createApi } from "./api.ts";
import { apiError } from "./api_errors.ts";
import { ACCOUNT_ID, BOX_ID } from "./api_styles.ts";
import { CERTIFICATES_SCHEMA, loadCertificates } from "./certificates.ts";
import { dropOldest, failing } from "./failing.ts";
import { createInboxPage } from "./inbox_page.ts";
import { Mailbox, MAILBOX_SCHEMA } from "./mailbox.ts";
import { summarize } from "./message_summary.ts";
import { SmtpFaults } from "./smtp_faults.ts";
import { startSmtpServer } from "./smtp_server.ts";

export type { StandIn, StandInOptions };

/** The port of Mailtrap's SMTP server that people use most. */
export const USUAL_SMTP_PORT = 2525;

/** Where the API and the inbox page are. */
export const USUAL_API_PORT = 8025;

/** What the stand-in takes at its start. */
export interface MailtrapOptions extends Pick<StandInOptions, "stateDirectory" | "faults"> {
  /**
   * The address to listen on. Wider than loopback only in a container, whose network is nobody else's.
   *
   * @default "127.0.0.1"
   */
  readonly hostname?: string;
  /**
   * Names under which clients reach it, beside loopback's: the certificate of the SMTP server is for them too, and HTTP requests
   * may call them.
   *
   * @default none
   */
  readonly names?: readonly string[];
  /**
   * The SMTP port. The next free one is taken when it is busy; 0 takes any free one.
   *
   * @default 2525
   */
  readonly smtpPort?: number;
  /**
   * The port of the API and the inbox page; chosen in the same way.
   *
   * @default 8025
   */
  readonly apiPort?: number;
  /**
   * The name that SMTP clients log in with.
   *
   * @default "playground"
   */
  readonly user?: string;
  /**
   * The password that SMTP clients log in with.
   *
   * @default "playground"
   */
  readonly password?: string;
  /**
   * The API token.
   *
   * @default "playground"
   */
  readonly token?: string;
  /**
   * Larger mails are refused with `552 5.3.4`.
   *
   * @default 31457280 (30 MiB)
   */
  readonly maxMessageSizeBytes?: number;
}

/** The running stand-in, and all that its clients need: the members are what the `MAILTRAP_` and `SMTP_` variables take. */
export interface Mailtrap extends StandIn {
  /** The inbox page, for people. */
  readonly url: string;
  /** Base address of the API: `MAILTRAP_URL`. */
  readonly apiUrl: string;
  /** `SMTP_HOST` and `SMTP_PORT`; STARTTLS is required. */
  readonly smtp: { readonly host: string; readonly port: number };
  /** `MAILTRAP_USER` */
  readonly user: string;
  /** `MAILTRAP_PASSWORD` */
  readonly password: string;
  /** `MAILTRAP_BOXID` */
  readonly boxId: string;
  /** `MAILTRAP_ACCOUNT_ID` */
  readonly accountId: string;
  /** `MAILTRAP_TOKEN` */
  readonly token: string;
  /** The private authority that signed the SMTP server's certificate, in PEM: `SMTP_CA`. */
  readonly caPem: string;
}

/** Well known, so that people can type it: the stand-in is reached from this machine only. */
const CREDENTIAL = "playground";

const MAX_MESSAGE_SIZE_BYTES = 30 * 1024 * 1024;

/** Starts the stand-in. */
export async function startMailtrap(options: MailtrapOptions = {}): Promise<Mailtrap> {
  const {
    hostname = LOOPBACK,
    smtpPort = USUAL_SMTP_PORT,
    apiPort = USUAL_API_PORT,
    user = CREDENTIAL,
    password = CREDENTIAL,
    token = CREDENTIAL,
    maxMessageSizeBytes = MAX_MESSAGE_SIZE_BYTES,
    faults = new Faults(),
  } = options;
  await using resources = new AsyncDisposableStack();
  const database = resources.adopt(
    openStore("mailtrap", options.stateDirectory, MAILBOX_SCHEMA + CERTIFICATES_SCHEMA),
    (store) => store.close(),
  );
  const mailbox = new Mailbox(database);
  const certificates = await loadCertificates(database, new Date(), options.names);
  const smtp = resources.use(
    await startSmtpServer({
      hostname,
      port: smtpPort,
      user,
      password,
      maxMessageSizeBytes,
      certificates,
      async store({ raw, clientIp, ...envelope }) {
        const summary = await summarize(raw, envelope);
        mailbox.add({ ...summary, mailFrom: envelope.mailFrom, clientIp, raw });
        dropOldest(mailbox, faults);
      },
      faults: new SmtpFaults(faults),
    }),
  );
  const closing = new AbortController();
  const app = createApp(mailbox, {
    token,
    ownNames: new Set([hostname, ...options.names ?? []].map((name) => name.toLowerCase())),
    failing: failing(faults, closing.signal),
  });
  const http = resources.use(await serveHttpOn(hostname, apiPort, app.fetch));
  // Before the server: what is slow on purpose must not hold its end up.
  resources.defer(() => closing.abort());
  const url = `http://${hostname}:${http.addr.port}`;
  const started = resources.move();
  return {
    url,
    apiUrl: url,
    smtp: { host: hostname, port: smtp.port },
    user,
    password,
    boxId: String(BOX_ID),
    accountId: String(ACCOUNT_ID),
    token,
    caPem: certificates.caPem,
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}

/** What the application is made of, beside the mails. */
interface AppOptions {
  readonly token: string;
  /** The hosts that a request may call, beside loopback's. Another one is a web site's that points here (DNS rebinding). */
  readonly ownNames: ReadonlySet<string>;
  readonly failing: MiddlewareHandler;
}

/** The API and the inbox page. Every request passes here. */
function createApp(mailbox: Mailbox, { token, ownNames, failing }: AppOptions): Hono {
  const app = new Hono();
  app.get("/healthz", (context) => context.json({ alive: true }));
  app.use(async (context, next) => {
    const host = calledHost(context.req.raw);
    if (isLoopback(host) || ownNames.has(host)) return await next();
    return context.text("Cannot answer: the Host is not this machine's; use 127.0.0.1", 403);
  });
  app.use("/api/*", failing);
  app.route("/", createApi(mailbox, token));
  app.route("/", createInboxPage(mailbox));
  app.notFound((context) => apiError(context, "notFound"));
  app.onError((error, context) => {
    getLogger(["standins", "mailtrap", "api"]).error("Cannot answer a request: {error}", { error });
    return apiError(context, "internal");
  });
  return app;
}
