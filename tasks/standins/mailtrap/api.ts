import { type Context, Hono, type MiddlewareHandler } from "@hono/hono";
import {
  ACCOUNT_ID,
  API_STYLES,
  type ApiStyle,
  BOX_ID,
  CREDENTIAL,
  messageDocument,
} from "./api_styles.ts";
import type { ListRange, Mailbox, StoredMessage } from "./mailbox.ts";
import { readContent } from "./message_content.ts";

const PAGE_SIZE = 30;

/** Error answers of Mailtrap's API (https://docs.mailtrap.io). */
const ERRORS = {
  401: { error: "Incorrect API token" },
  403: { errors: "Account access forbidden" },
  404: { error: "Not Found" },
  429: { errors: "Rate limit exceeded" },
  500: { error: "Internal Server Error" },
  503: { error: "Service Unavailable" },
} as const;

type ErrorStatus = keyof typeof ERRORS;

export function apiError(context: Context, status: ErrorStatus | `${ErrorStatus}`): Response {
  return context.json(ERRORS[status], Number(status) as ErrorStatus);
}

/** The part of Mailtrap's sandbox API that empties an inbox, in all its styles. */
export function createApi(mailbox: Mailbox): Hono {
  const api = new Hono();
  // Hono would answer HEAD as it does GET.
  api.use("/api/*", async (context, next) => {
    if (context.req.method === "HEAD") return notImplemented(context);
    await next();
  });
  for (const style of API_STYLES) {
    api.route(style.messagesPath, messageRoutes(mailbox, style));
  }
  api.all("/api", notImplemented);
  api.all("/api/*", notImplemented);
  return api;
}

/** Marks a missing route of the stand-in, unlike an unknown message. */
function notImplemented(context: Context): Response {
  const { method, path } = context.req;
  const error = `Cannot answer ${method} ${path}: the stand-in has no such route; use Mailtrap`;
  return context.json({ error }, 501);
}

function messageRoutes(mailbox: Mailbox, style: ApiStyle): Hono {
  type Answer = (context: Context, message: StoredMessage) => Response | Promise<Response>;
  const ofMessage = (answer: Answer) => (context: Context) => {
    const id = positiveInteger(context.req.param("id"));
    const message = id === undefined ? undefined : mailbox.find(id);
    return message === undefined ? apiError(context, 404) : answer(context, message);
  };

  const routes = new Hono();
  routes.use(access(style));
  routes.get("/", (context) => {
    if (context.req.query("search") !== undefined) {
      const error = "Cannot search: the stand-in does not know how; leave `search` out";
      return context.json({ error }, 400);
    }
    const messages = mailbox.list(requestedRange(context));
    return context.json(messages.map((message) => messageDocument(message, style)));
  });
  routes.get(
    "/:id",
    ofMessage((context, message) => context.json(messageDocument(message, style))),
  );
  routes.delete(
    "/:id",
    ofMessage((context, message) => {
      mailbox.remove(message.id);
      return context.json(messageDocument(message, style));
    }),
  );
  routes.get(
    "/:id/:body{body[.](?:eml|raw)}",
    ofMessage((context, message) => {
      const asDownload = context.req.param("body") === "body.eml";
      return context.body(mailbox.raw(message), 200, {
        "Content-Type": asDownload ? "message/rfc822" : "text/plain",
        "Content-Length": String(message.sizeBytes),
        "X-Content-Type-Options": "nosniff",
      });
    }),
  );
  routes.get(
    "/:id/:body{body[.](?:txt|html|htmlsource)}",
    ofMessage(async (context, message) => await answerPart(context, mailbox.raw(message))),
  );
  return routes;
}

function access(style: ApiStyle): MiddlewareHandler {
  return async (context, next) => {
    const { "api-token": apiToken, authorization = "" } = context.req.header();
    const token = apiToken ?? style.authorization.exec(authorization)?.groups?.token;
    if (token !== CREDENTIAL) return apiError(context, 401);
    const account = context.req.param("account");
    if (account !== undefined && account !== String(ACCOUNT_ID)) {
      return apiError(context, 403);
    }
    if (context.req.param("box") !== String(BOX_ID)) return apiError(context, 404);
    await next();
  };
}

async function answerPart(context: Context, raw: ReadableStream<Uint8Array>): Promise<Response> {
  const { text, html } = await readContent(raw) ?? {};
  const asHtml = context.req.param("body") === "body.html";
  const part = context.req.param("body") === "body.txt" ? text : html;
  if (typeof part !== "string") return apiError(context, 404);
  return context.body(part, 200, {
    "Content-Type": `text/${asHtml ? "html" : "plain"}; charset=utf-8`,
    // The part is a stranger's: a browser must not run it.
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
  });
}

/** `last_id` continues after a message, `page` counts from the newest; an invalid value gives the first page. */
function requestedRange(context: Context): ListRange {
  const lastId = positiveInteger(context.req.query("last_id"));
  if (lastId !== undefined) return { limit: PAGE_SIZE, beforeId: lastId };
  const page = positiveInteger(context.req.query("page")) ?? 1;
  return { limit: PAGE_SIZE, offset: (page - 1) * PAGE_SIZE };
}

function positiveInteger(text: string | undefined): number | undefined {
  return text !== undefined && /^[1-9][0-9]{0,11}$/.test(text) ? Number(text) : undefined;
}
