import { failureReason } from "@playground/shared/http";
import { TimeLimit } from "@playground/shared/lifecycle";
import { z } from "zod";
import { type InboxAddress, messagesUrl } from "./api_routes.ts";
import type { Inbox, InboxMessage, InboxReply, InboxRequest } from "./inbox.ts";

/** How to reach an inbox at Mailtrap. */
export interface MailtrapInboxOptions extends InboxAddress {
  /** The API token. */
  readonly token: string;
  /** How to fetch. @default the global `fetch` */
  readonly fetcher?: typeof fetch;
}

/** An API that takes longer to answer, body included, has failed. */
const TIMEOUT_MS = 20_000;
/** How long to leave the API alone when its limit was hit and it did not say (the limit is 150 requests in 10 seconds). */
const RATE_LIMIT_PAUSE_MS = 10_000;
/** How long to leave it alone when it fails by itself. */
const SERVER_ERROR_PAUSE_MS = 2_000;
/** No pause is longer, whatever `Retry-After` says. */
const MAX_PAUSE_MS = 120_000;

const messageList = z.array(z.object({
  id: z.number().int(),
  created_at: z.coerce.date(),
  email_size: z.number().nullish(),
}));

/** An inbox at Mailtrap (https://docs.mailtrap.io/developers/email-sandbox/messages). */
export function mailtrapInbox(options: MailtrapInboxOptions): Inbox {
  const { token, fetcher = fetch } = options;
  const messages = messagesUrl(options);

  /** Sends one request and reads its answer; an answer that cannot be read is a failure like any other. */
  const send = async <Value>(
    method: string,
    url: string,
    read: (response: Response) => Promise<Value>,
  ): Promise<InboxReply<Value>> => {
    using timeLimit = new TimeLimit(TIMEOUT_MS);
    let request: InboxRequest = { method, url };
    try {
      const response = await fetcher(url, {
        method,
        headers: { "Api-Token": token },
        signal: timeLimit.signal,
      });
      request = { ...request, status: response.status };
      if (response.ok) return { outcome: "ok", value: await read(response), request };
      await response.body?.cancel();
      if (response.status === 404) return { outcome: "gone", request };
      return {
        outcome: "failed",
        reason: reasonOf(response.status),
        request,
        pauseMs: pauseAfter(response),
      };
    } catch (error) {
      return { outcome: "failed", reason: describeError(error), request };
    }
  };

  return {
    async list(olderThan) {
      const query = olderThan === undefined ? "" : `?last_id=${olderThan}`;
      const reply = await send("GET", `${messages}${query}`, readList);
      if (reply.outcome !== "gone") return reply;
      // The inbox itself is not there: that is no message that somebody else has taken.
      const reason = `${reasonOf(404)}; check MAILTRAP_BOXID and MAILTRAP_API`;
      return { outcome: "failed", reason, request: reply.request };
    },
    fetch: ({ id }) => send("GET", `${messages}/${id}/body.eml`, readMail),
    delete: ({ id }) =>
      send("DELETE", `${messages}/${id}`, async (response) => await response.body?.cancel()),
  };
}

async function readList(response: Response): Promise<readonly InboxMessage[]> {
  return messageList.parse(await response.json()).map(({ id, created_at, email_size }) => ({
    id,
    receivedAt: created_at,
    sizeBytes: email_size ?? undefined,
  }));
}

/** The kinds of answers that a proxy on the way, or the API itself, gives in a mail's place. */
const NO_MAIL_TYPES = /^(?:text\/html|application\/json)\b/i;

/** A mail. What is not one must not be taken for it: the mail itself would be deleted thereafter. */
async function readMail(response: Response): Promise<Uint8Array> {
  const type = response.headers.get("content-type") ?? "";
  if (!NO_MAIL_TYPES.test(type)) return await response.bytes();
  await response.body?.cancel();
  throw new NoMailError(`Mailtrap's answer is not a mail but ${type}`);
}

/** An answer that means success and is no mail. */
class NoMailError extends Error {}

function reasonOf(status: number): string {
  switch (status) {
    case 401:
      return "Mailtrap answered 401: the API token is wrong; check MAILTRAP_TOKEN";
    case 403:
      return "Mailtrap answered 403: the token has no access to this inbox; check MAILTRAP_TOKEN and MAILTRAP_BOXID";
    case 429:
      return "Mailtrap answered 429: too many requests";
    default:
      return `Mailtrap answered ${status}`;
  }
}

function describeError(error: unknown): string {
  if (error instanceof z.ZodError || error instanceof SyntaxError) {
    return "Mailtrap's answer is not a list of messages";
  }
  if (error instanceof NoMailError) return error.message;
  if (error instanceof DOMException && error.name === "TimeoutError") {
    return `Mailtrap did not answer within ${TIMEOUT_MS} ms`;
  }
  return `Mailtrap cannot be reached: ${failureReason(error)}`;
}

/** `Retry-After` is a number of seconds or a date (RFC 9110 section 10.2.3). */
function pauseAfter({ status, headers }: Response): number | undefined {
  const retryAfter = headers.get("retry-after");
  if (retryAfter !== null) {
    const seconds = Number(retryAfter);
    const pauseMs = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(retryAfter) - Date.now();
    if (pauseMs > 0) return Math.min(pauseMs, MAX_PAUSE_MS);
  }
  if (status === 429) return RATE_LIMIT_PAUSE_MS;
  return status >= 500 ? SERVER_ERROR_PAUSE_MS : undefined;
}
