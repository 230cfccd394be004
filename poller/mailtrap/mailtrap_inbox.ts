import { failureReason, retryAfterMs, withoutCredentials } from "@playground/shared/http";
import { TimeLimit } from "@playground/shared/time";
import type { PollerConfiguration } from "../configuration.ts";
import type { Inbox, InboxReply, InboxRequest } from "./inbox.ts";
import { readListAnswer } from "./list_answer.ts";
import { readMailAnswer } from "./mail_answer.ts";
import type { Reading } from "./read_body.ts";

type MailtrapSettings = Pick<
  PollerConfiguration,
  "MAILTRAP_URL" | "MAILTRAP_API" | "MAILTRAP_ACCOUNT_ID" | "MAILTRAP_BOXID" | "MAILTRAP_TOKEN"
>;

/** The time limit of an answer, body included. */
const TIMEOUT_MS = 20_000;
/** The same for a mail, which may be large. */
const MAIL_TIMEOUT_MS = 60_000;

/** The pause after a 429 without `Retry-After` (the limit is 150 requests in 10 seconds). */
const RATE_LIMIT_PAUSE_MS = 10_000;
const SERVER_ERROR_PAUSE_MS = 2_000;
/** The longest pause, whatever `Retry-After` says. */
const MAX_PAUSE_MS = 120_000;

/** An inbox at Mailtrap. */
export function mailtrapInbox(settings: MailtrapSettings, fetcher = fetch): Inbox {
  const messages = messagesUrl(settings);

  const send = async <Value>(
    method: string,
    url: string,
    read: (response: Response) => Promise<Reading<Value>>,
    timeoutMs = TIMEOUT_MS,
  ): Promise<InboxReply<Value>> => {
    using timeLimit = new TimeLimit(timeoutMs);
    let request: InboxRequest = { method, url };
    try {
      const response = await fetcher(url, {
        method,
        headers: { "Api-Token": settings.MAILTRAP_TOKEN, "Accept-Encoding": "identity" },
        // `fetch` would send the token to a redirect's target.
        redirect: "manual",
        signal: timeLimit.signal,
      });
      request = { ...request, status: response.status };
      if (response.ok) return { ...await read(response), request };
      await response.body?.cancel();
      if (response.status === 404) return { outcome: "gone", request };
      const reason = reasonOf(response);
      return { outcome: "failed", reason, request, pauseMs: pauseAfter(response) };
    } catch (error) {
      // A success that broke off says nothing about other messages.
      const outcome = request.status === undefined ? "failed" : "refused";
      return { outcome, reason: describeError(error, request, timeoutMs), request };
    }
  };

  return {
    async list(olderThan) {
      const query = olderThan === undefined ? "" : `?last_id=${olderThan}`;
      const reply = await send("GET", `${messages}${query}`, readListAnswer);
      if (reply.outcome !== "gone") return reply;
      // The inbox itself is missing, rather than a message that somebody deleted.
      const reason = "Mailtrap answered 404; check MAILTRAP_BOXID and MAILTRAP_API";
      return { outcome: "failed", reason, request: reply.request };
    },
    fetch: (message, room) =>
      send(
        "GET",
        `${messages}/${message.id}/body.eml`,
        (response) => readMailAnswer(response, message, room),
        MAIL_TIMEOUT_MS,
      ),
    delete: ({ id }) => send("DELETE", `${messages}/${id}`, readDeleteAnswer),
  };
}

/** The addresses of the API's styles (https://docs.mailtrap.io/developers/email-sandbox/messages). */
function messagesUrl(settings: MailtrapSettings): string {
  const { MAILTRAP_BOXID: boxId, MAILTRAP_ACCOUNT_ID: accountId } = settings;
  const paths = {
    sandboxes: `sandboxes/${boxId}`,
    accounts: `accounts/${accountId}/inboxes/${boxId}`,
    v1: `v1/inboxes/${boxId}`,
  } as const;
  const base = withoutCredentials(settings.MAILTRAP_URL).href.replace(/\/$/, "");
  return `${base}/api/${paths[settings.MAILTRAP_API]}/messages`;
}

/** Only the status counts. */
async function readDeleteAnswer({ status, body }: Response): Promise<Reading<void>> {
  await body?.cancel();
  if (status === 200 || status === 204) return { outcome: "ok", value: undefined };
  const reason = `Mailtrap answered ${status}, which does not say that the message is deleted`;
  return { outcome: "refused", reason };
}

function describeError(error: unknown, { status }: InboxRequest, timeoutMs: number): string {
  const isAnswered = status !== undefined;
  if (error instanceof DOMException && error.name === "TimeoutError") {
    return isAnswered
      ? `Mailtrap's answer did not end within ${timeoutMs} ms`
      : `Mailtrap did not answer within ${timeoutMs} ms`;
  }
  return `${isAnswered ? "Mailtrap's answer broke off" : "Mailtrap cannot be reached"}: ${
    failureReason(error)
  }`;
}

function reasonOf({ status, headers }: Response): string {
  switch (status) {
    case 401:
      return "Mailtrap answered 401: the API token is wrong; check MAILTRAP_TOKEN";
    case 403:
      return "Mailtrap answered 403: the token has no right to this; check MAILTRAP_TOKEN and MAILTRAP_BOXID";
    case 429:
      return "Mailtrap answered 429: too many requests";
    default:
      return headers.has("location")
        ? `Mailtrap answered ${status}: it redirects, and the token is for MAILTRAP_URL only; check that`
        : `Mailtrap answered ${status}`;
  }
}

function pauseAfter(response: Response): number | undefined {
  const askedMs = retryAfterMs(response, Date.now()) ?? 0;
  if (askedMs > 0) return Math.min(askedMs, MAX_PAUSE_MS);
  if (response.status === 429) return RATE_LIMIT_PAUSE_MS;
  return response.status >= 500 ? SERVER_ERROR_PAUSE_MS : undefined;
}
