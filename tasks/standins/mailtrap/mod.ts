/**
 * The embedded stand-in for Mailtrap's email sandbox: an SMTP server that takes mails in, and Mailtrap's API that hands them out,
 * on one durable store.
 *
 * A mail's way: `smtp_server.ts` speaks SMTP with the client (STARTTLS with the certificates of `certificates.ts`, AUTH, the
 * addresses of `bounce_emulator.ts`) → `message_content.ts` reads what an inbox shows of it → `mailbox.ts` commits it to SQLite →
 * only then does the client get its 250. `api.ts` lists, reads and deletes mails in the three styles of `api_styles.ts`;
 * `inbox_page.ts` shows them to people. No mail is ever dropped, except by a fault. `failing.ts` makes the API fail on purpose.
 *
 * @module
 */

import { Hono } from "@hono/hono";
import { getLogger } from "@logtape/logtape";
import { Faults } from "../faults/registry.ts";
import { ownHostOnly } from "../guards.ts";
import { LOOPBACK, serveHttpOn } from "../listen.ts";
import { NO_LINKS, type ReadLinks } from "../page.ts";
import { openStore } from "../sqlite.ts";
import type { StandIn, StandInOptions } from "../stand_in.ts";
import { apiError, createApi } from "./api.ts";
import { ACCOUNT_ID, BOX_ID } from "./api_styles.ts";
import { CERTIFICATES_SCHEMA, loadCertificates } from "./certificates.ts";
import { dropOldest, failing } from "./failing.ts";
import { createInboxPage } from "./inbox_page.ts";
import { Mailbox, MAILBOX_SCHEMA } from "./mailbox.ts";
import { summarize } from "./message_content.ts";
import { SmtpServer } from "./smtp_server.ts";

export const USUAL_SMTP_PORT = 2525;
export const USUAL_API_PORT = 8025;

export interface MailtrapOptions
  extends Pick<StandInOptions, "stateDirectory" | "faults" | "links"> {
  /** The address to listen on. Wider than loopback only in a container, whose network is private. */
  readonly hostname?: string;
  /** Names under which clients reach it, beside loopback's: for its certificate, and in HTTP requests. */
  readonly names?: readonly string[];
  /** 2525 by default, and 8025 for the API. The next free port is taken when one is busy; 0 takes any free one. */
  readonly smtpPort?: number;
  readonly apiPort?: number;
  /** Larger mails are refused with `552 5.3.4`; 30 MiB by default. */
  readonly maxMessageSizeBytes?: number;
}

/** The running stand-in, and all that its clients need: the values of the `MAILTRAP_` and `SMTP_` variables. */
export interface Mailtrap extends StandIn {
  /** The base of the API, and the inbox page for people. */
  readonly url: string;
  readonly smtp: { readonly host: string; readonly port: number };
  readonly user: string;
  readonly password: string;
  readonly boxId: string;
  readonly accountId: string;
  readonly token: string;
  /** The private authority that signed the SMTP server's certificate, in PEM. */
  readonly caPem: string;
}

/** Fixed, so that people can type it: the stand-in is reachable from this machine only. */
const CREDENTIAL = "playground";

const MAX_MESSAGE_SIZE_BYTES = 30 * 1024 * 1024;

export async function startMailtrap(options: MailtrapOptions = {}): Promise<Mailtrap> {
  const {
    hostname = LOOPBACK,
    smtpPort = USUAL_SMTP_PORT,
    apiPort = USUAL_API_PORT,
    maxMessageSizeBytes = MAX_MESSAGE_SIZE_BYTES,
    faults = new Faults(),
    links,
  } = options;
  await using resources = new AsyncDisposableStack();
  const database = resources.use(
    openStore("mailtrap", options.stateDirectory, MAILBOX_SCHEMA + CERTIFICATES_SCHEMA),
  );
  const mailbox = new Mailbox(database);
  const certificates = loadCertificates(database, options.names);
  const smtp = resources.use(
    new SmtpServer({
      hostname,
      port: smtpPort,
      user: CREDENTIAL,
      password: CREDENTIAL,
      maxMessageSizeBytes,
      certificates,
      async store({ recipients, ...mail }) {
        mailbox.add({ ...mail, ...await summarize(mail.raw, { ...mail, recipients }) });
        dropOldest(mailbox, faults);
      },
      faults,
    }),
  );
  const smtpAddress = { host: hostname, port: await smtp.listen() };
  const app = createMailtrapApp(mailbox, [hostname, ...options.names ?? []], faults, links);
  const http = resources.use(await serveHttpOn(hostname, apiPort, app.fetch));
  return Object.assign(resources.move(), {
    url: `http://${hostname}:${http.addr.port}`,
    smtp: smtpAddress,
    user: CREDENTIAL,
    password: CREDENTIAL,
    boxId: String(BOX_ID),
    accountId: String(ACCOUNT_ID),
    token: CREDENTIAL,
    caPem: certificates.caPem,
  });
}

/** The API and the inbox page. */
export function createMailtrapApp(
  mailbox: Mailbox,
  ownNames: readonly string[],
  faults: Faults,
  links: ReadLinks = NO_LINKS,
): Hono {
  const app = new Hono();
  app.get("/healthz", (context) => context.json({ alive: true }));
  app.use(ownHostOnly(ownNames));
  app.use("/api/*", failing(faults));
  app.route("/", createApi(mailbox, CREDENTIAL));
  app.route("/", createInboxPage(mailbox, links));
  app.notFound((context) => apiError(context, 404));
  app.onError((error, context) => {
    getLogger(["standins", "mailtrap", "api"]).error("Cannot answer a request: {error}", { error });
    return apiError(context, 500);
  });
  return app;
}
