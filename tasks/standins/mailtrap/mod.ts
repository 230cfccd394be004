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
import { SqliteStore } from "../sqlite.ts";
import type { StandIn, StandInOptions, StandInVariables } from "../stand_in.ts";
import { apiError, createApi } from "./api.ts";
import { BOX_ID, CREDENTIAL } from "./api_styles.ts";
import { CERTIFICATES_SCHEMA, loadCertificates } from "./certificates.ts";
import { dropOldest, failing } from "./failing.ts";
import { createInboxPage } from "./inbox_page.ts";
import { Mailbox, MAILBOX_SCHEMA } from "./mailbox.ts";
import { summarize } from "./message_content.ts";
import { SmtpServer } from "./smtp_server.ts";

export const USUAL_SMTP_PORT = 2525;
export const USUAL_API_PORT = 8025;

export interface MailtrapOptions extends Omit<StandInOptions, "port"> {
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

/** The running stand-in. Its URL is the base of the API, and the inbox page for people. */
export interface Mailtrap extends StandIn {
  /** All that its clients need. */
  readonly variables: StandInVariables;
}

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
    new SqliteStore("mailtrap", options.stateDirectory, MAILBOX_SCHEMA + CERTIFICATES_SCHEMA),
  );
  const mailbox = new Mailbox(database);
  const certificates = loadCertificates(database, options.names);
  const smtp = resources.use(
    new SmtpServer({
      maxMessageSizeBytes,
      certificates,
      async store(mail) {
        mailbox.add(mail, await summarize(mail));
        dropOldest(mailbox, faults);
      },
      faults,
    }),
  );
  const boundSmtpPort = await smtp.listen(hostname, smtpPort);
  const app = createMailtrapApp(mailbox, [hostname, ...options.names ?? []], faults, links);
  const { url } = resources.use(await serveHttpOn(hostname, apiPort, app.fetch));
  const variables = {
    SMTP_HOST: hostname,
    SMTP_PORT: String(boundSmtpPort),
    SMTP_TLS: "starttls",
    SMTP_CA: certificates.caPem,
    MAILTRAP_USER: CREDENTIAL,
    MAILTRAP_PASSWORD: CREDENTIAL,
    MAILTRAP_URL: url,
    MAILTRAP_API: "sandboxes",
    MAILTRAP_BOXID: String(BOX_ID),
    MAILTRAP_TOKEN: CREDENTIAL,
  };
  return Object.assign(resources.move(), { url, variables });
}

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
  app.route("/", createApi(mailbox));
  app.route("/", createInboxPage(mailbox, links));
  app.notFound((context) => apiError(context, 404));
  app.onError((error, context) => {
    getLogger(["standins", "mailtrap", "api"]).error("Cannot answer a request: {error}", { error });
    return apiError(context, 500);
  });
  return app;
}
