import { type Context, Hono } from "@hono/hono";
import { apiError, notImplemented } from "./api_errors.ts";
import {
  ACCOUNT_ID,
  API_STYLES,
  type ApiStyle,
  BOX_ID,
  messageDocument,
  requestToken,
} from "./api_styles.ts";
import type { ListRange, Mailbox } from "./mailbox.ts";
import type { StoredMessage } from "./message.ts";
import { readBodies } from "./message_bodies.ts";

/** Messages in one answer of the list. */
const PAGE_SIZE = 30;

/** Mailtrap's sandbox API, as much of it as empties an inbox, in all its styles. */
export function createApi(mailbox: Mailbox, token: string): Hono {
  const api = new Hono();
  // Hono would answer HEAD as it does GET.
  api.use("/api/*", async (context, next) => {
    if (context.req.method === "HEAD") return notImplemented(context);
    await next();
  });
  for (const style of Object.values(API_STYLES)) {
    api.route(style.messagesPath, messageRoutes(mailbox, token, style));
  }
  api.all("/api", notImplemented);
  api.all("/api/*", notImplemented);
  return api;
}

function messageRoutes(mailbox: Mailbox, token: string, style: ApiStyle): Hono {
  const routes = new Hono();
  const toDocument = async (message: StoredMessage) =>
    messageDocument(message, await mailbox.bodySizes(message), style);

  routes.use(async (context, next) => {
    if (requestToken(context.req.raw.headers, style) !== token) {
      return apiError(context, "unauthorized");
    }
    const account = context.req.param("account");
    if (account !== undefined && account !== String(ACCOUNT_ID)) {
      return apiError(context, "forbidden");
    }
    if (context.req.param("box") !== String(BOX_ID)) return apiError(context, "notFound");
    await next();
  });

  routes.get("/", async (context) => {
    if (context.req.query("search") !== undefined) {
      const error = "Cannot search: the stand-in does not know how; leave `search` out";
      return context.json({ error }, 400);
    }
    const messages = mailbox.list(requestedRange(context));
    return context.json(await Promise.all(messages.map(toDocument)));
  });

  routes.get("/:id", async (context) => {
    const message = requestedMessage(context, mailbox);
    if (message === undefined) return apiError(context, "notFound");
    return context.json(await toDocument(message));
  });

  routes.delete("/:id", async (context) => {
    const message = requestedMessage(context, mailbox);
    if (message === undefined) return apiError(context, "notFound");
    const document = await toDocument(message);
    // Somebody else may have been quicker.
    if (mailbox.remove(message.id) === undefined) return apiError(context, "notFound");
    return context.json(document);
  });

  routes.get("/:id/:body{body[.](?:eml|raw)}", (context) => {
    const message = requestedMessage(context, mailbox);
    if (message === undefined) return apiError(context, "notFound");
    const asDownload = context.req.param("body") === "body.eml";
    return context.body(mailbox.raw(message), 200, {
      "Content-Type": asDownload ? "message/rfc822" : "text/plain",
      "Content-Length": String(message.sizeBytes),
      "X-Content-Type-Options": "nosniff",
    });
  });

  routes.get("/:id/:body{body[.](?:txt|html|htmlsource)}", async (context) => {
    const message = requestedMessage(context, mailbox);
    if (message === undefined) return apiError(context, "notFound");
    const { text, html } = await readBodies(mailbox.raw(message));
    const asHtml = context.req.param("body") === "body.html";
    const part = context.req.param("body") === "body.txt" ? text : html;
    if (part === undefined) return apiError(context, "notFound");
    return context.body(part, 200, {
      "Content-Type": `text/${asHtml ? "html" : "plain"}; charset=utf-8`,
      // The part is a stranger's: whoever opens it in a browser must not run it.
      "Content-Security-Policy": "default-src 'none'; sandbox",
      "X-Content-Type-Options": "nosniff",
    });
  });

  return routes;
}

/** `last_id` continues after a message, `page` counts from the newest; what makes no sense is the first page. */
function requestedRange(context: Context): ListRange {
  const lastId = positiveInteger(context.req.query("last_id"));
  if (lastId !== undefined) return { limit: PAGE_SIZE, beforeId: lastId };
  const page = positiveInteger(context.req.query("page")) ?? 1;
  return { limit: PAGE_SIZE, offset: (page - 1) * PAGE_SIZE };
}

function positiveInteger(text: string | undefined): number | undefined {
  return text !== undefined && /^[1-9][0-9]{0,11}$/.test(text) ? Number(text) : undefined;
}

/** No message has an id that is no number, or one beyond what a number can hold. */
function requestedMessage(context: Context, mailbox: Mailbox): StoredMessage | undefined {
  const id = positiveInteger(context.req.param("id"));
  return id === undefined ? undefined : mailbox.find(id);
}
