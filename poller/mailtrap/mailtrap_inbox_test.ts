import { deepEqual, equal, match, ok } from "node:assert/strict";
import { stopTime } from "@playground/shared/testing";
import { receiveMail } from "../mail/mod.ts";
import { answerOf, jsonAnswer } from "../testing/answers.ts";
import { OPERATIONS } from "../testing/fakes.ts";
import { mailOf } from "../testing/mails.ts";
import type { Inbox, InboxReply } from "./inbox.ts";
import { mailtrapInbox } from "./mailtrap_inbox.ts";

const MESSAGES = "https://mailtrap.example/api/sandboxes/12/messages";

type Answer = (signal: AbortSignal) => Response | Promise<Response>;

/** An inbox whose requests a function answers and records. */
function inboxWith(answer: Answer, settings: Partial<Parameters<typeof mailtrapInbox>[0]> = {}) {
  const requests: Readonly<Record<string, string | null>>[] = [];
  const inbox = mailtrapInbox({
    MAILTRAP_URL: new URL("https://user:password@mailtrap.example"),
    MAILTRAP_API: "sandboxes",
    MAILTRAP_BOXID: "12",
    MAILTRAP_TOKEN: "t0ken",
    ...settings,
  }, async (input, init) => {
    const { url, method, headers, redirect, signal } = new Request(input, init);
    const token = headers.get("api-token");
    const encoding = headers.get("accept-encoding");
    requests.push({ request: `${method} ${url}`, token, encoding, redirect });
    return await answer(signal);
  });
  return { inbox, requests };
}

/** The failure of an operation with this answer. */
async function failureOf(name: keyof typeof OPERATIONS, answer: Answer) {
  const reply: InboxReply<unknown> = await OPERATIONS[name](inboxWith(answer).inbox);
  ok(reply.outcome === "failed");
  return reply;
}

const MAIL = mailOf({ body: "\0\u00ff\r\n" });
const LENGTH = { "content-length": String(MAIL.length) };
const LISTED = { id: 7, created_at: "2026-11-24T12:00:00.123Z", email_size: 123 };
const PAGE = {
  messages: [{
    id: 7,
    receivedAt: new Date("2026-11-24T12:00:00.123Z"),
    sizeBytes: 123,
    subject: undefined,
  }],
  oldestId: 7,
  problem: undefined,
};

const WHOLE = { mail: receiveMail(MAIL), doubt: undefined };

Deno.test.each([
  ["list() asks for the newest messages", OPERATIONS.list, [LISTED], "GET", "", PAGE],
  [
    "list() asks for older ones",
    (inbox: Inbox) => inbox.list(8),
    [LISTED],
    "GET",
    "?last_id=8",
    PAGE,
  ],
  ["fetch() gets a mail byte by byte", OPERATIONS.fetch, MAIL, "GET", "/1/body.eml", WHOLE],
  ["delete() deletes a message", OPERATIONS.delete, {}, "DELETE", "/1", undefined],
])("%s, with the token and without redirects", async (_what, ask, answer, method, url, value) => {
  const { inbox, requests } = inboxWith(() =>
    answer === MAIL ? answerOf(MAIL, { headers: LENGTH }) : jsonAnswer(answer)
  );
  const request = { method, url: `${MESSAGES}${url}`, status: 200 };
  deepEqual(await ask(inbox), { outcome: "ok", value, request });
  deepEqual(requests, [{
    request: `${method} ${MESSAGES}${url}`,
    token: "t0ken",
    encoding: "identity",
    redirect: "manual",
  }]);
});

Deno.test.each([
  ["sandboxes", "/api/sandboxes/12/messages"],
  ["accounts", "/api/accounts/34/inboxes/12/messages"],
  ["v1", "/api/v1/inboxes/12/messages"],
])(
  "mailtrapInbox() asks below the path of the base address, in the style %s",
  async (style, path) => {
    const { inbox } = inboxWith(() => jsonAnswer([]), {
      MAILTRAP_URL: new URL("http://127.0.0.1:8025/proxy/"),
      MAILTRAP_API: style,
      MAILTRAP_ACCOUNT_ID: "34",
    });
    equal((await inbox.list()).request.url, `http://127.0.0.1:8025/proxy${path}`);
  },
);

for (const name of ["list", "fetch", "delete"] as const) {
  Deno.test.each([
    [302, /answered 302: it redirects, .* check that$/, undefined],
    [400, /answered 400/, undefined],
    [401, /401: the API token is wrong; check MAILTRAP_TOKEN/, undefined],
    [403, /403: the token has no right .* check MAILTRAP_TOKEN and MAILTRAP_BOXID/, undefined],
    [429, /429: too many requests/, 10_000],
    [500, /answered 500/, 2_000],
    [503, /answered 503/, 2_000],
  ])(`${name}() fails when Mailtrap answers %s`, async (status, reason, pauseMs) => {
    const headers = new Headers(status === 302 ? { location: "https://elsewhere.example/" } : {});
    const reply = await failureOf(name, () => new Response("x", { status, headers }));
    match(reply.reason, reason);
    equal(reply.pauseMs, pauseMs);
    equal(reply.request.status, status);
  });

  const limitMs = name === "fetch" ? 60_000 : 20_000;
  Deno.test.each([
    ["Mailtrap cannot be reached: dns error", new TypeError("dns error")],
    [`Mailtrap did not answer within ${limitMs} ms`, new DOMException("late", "TimeoutError")],
  ])(`${name}() fails without an answer: %s`, async (expected, error) => {
    const { reason, request } = await failureOf(name, () => Promise.reject(error));
    deepEqual([reason, request.status], [expected, undefined]);
  });
}

Deno.test("fetch() refuses a mail that does not come to its end in time", async () => {
  using time = stopTime();
  const { inbox } = inboxWith((signal) =>
    new Response(
      new ReadableStream({
        type: "bytes",
        start: (controller) =>
          signal.addEventListener("abort", () => controller.error(signal.reason)),
      }),
    )
  );
  const fetching = OPERATIONS.fetch(inbox);
  await time.pass(60_000);
  const reply = await fetching;
  ok(reply.outcome === "refused");
  equal(reply.reason, "Mailtrap's answer did not end within 60000 ms");
});

Deno.test.each([
  ["delete", "ok", 200],
  ["delete", "ok", 204],
  ["delete", "refused", 201],
  ["delete", "refused", 202],
  ["delete", "refused", 203],
  ["delete", "refused", 206],
  ["delete", "gone", 404],
  ["fetch", "gone", 404],
])("%s() is %s when Mailtrap answers %s", async (name, outcome, status) => {
  const { inbox } = inboxWith(() => new Response(null, { status }));
  equal((await OPERATIONS[name](inbox)).outcome, outcome);
});

Deno.test("list() fails when the inbox itself is not there", async () => {
  const { reason } = await failureOf("list", () => jsonAnswer({}, { status: 404 }));
  equal(reason, "Mailtrap answered 404; check MAILTRAP_BOXID and MAILTRAP_API");
});

Deno.test.each([
  [3_000, "3"],
  [10_000, "0"],
  [120_000, "9999"],
])("list() pauses for %s ms when Retry-After is %s", async (pauseMs, retryAfter) => {
  const headers = { "retry-after": retryAfter };
  const reply = await failureOf("list", () => new Response(null, { status: 429, headers }));
  equal(reply.pauseMs, pauseMs);
});
