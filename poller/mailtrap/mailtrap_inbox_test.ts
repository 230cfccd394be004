import { deepEqual, equal, match, ok } from "node:assert/strict";
import { receiveMail } from "../mail/mod.ts";
import { stopTime } from "@playground/shared/testing";
import { jsonAnswer, mailAnswer } from "../testing/answers.ts";
import { ENOUGH_ROOM } from "../testing/fakes.ts";
import { mailOf } from "../testing/mails.ts";
import type { InboxReply } from "./inbox.ts";
import { mailtrapInbox } from "./mailtrap_inbox.ts";

const MESSAGES = "https://mailtrap.example/api/sandboxes/12/messages";
const MESSAGE = { id: 7, receivedAt: new Date(0) };

/** An inbox whose requests are answered by a function; it notes them. */
function inboxWith(answer: (signal: AbortSignal) => Response | Promise<Response>) {
  const requests: Readonly<Record<string, string | null>>[] = [];
  const inbox = mailtrapInbox({
    url: new URL("https://mailtrap.example"),
    style: "sandboxes",
    boxId: "12",
    token: "t0ken",
    fetcher: async (input, init) => {
      const { url, method, headers, redirect, signal } = new Request(input, init);
      const token = headers.get("api-token");
      const encoding = headers.get("accept-encoding");
      requests.push({ request: `${method} ${url}`, token, encoding, redirect });
      return await answer(signal);
    },
  });
  return { inbox, requests };
}

/** A request as it must be: with the token, which no redirect may lead elsewhere, and for a body that is not encoded. */
function requested(request: string) {
  return { request, token: "t0ken", encoding: "identity", redirect: "manual" };
}

/** What an inbox makes of an answer to each of its three requests. */
const OPERATIONS = {
  list: (answer: () => Response | Promise<Response>) => inboxWith(answer).inbox.list(),
  fetch: (answer: () => Response | Promise<Response>) =>
    inboxWith(answer).inbox.fetch(MESSAGE, ENOUGH_ROOM),
  delete: (answer: () => Response | Promise<Response>) => inboxWith(answer).inbox.delete(MESSAGE),
} as const;

/** The failure of a reply; throws when it is none. */
function failureOf(reply: InboxReply<unknown>) {
  ok(reply.outcome === "failed");
  return reply;
}

Deno.test("list() asks for the newest messages with the token", async () => {
  const listed = { id: 7, created_at: "2026-11-24T12:00:00.123Z", email_size: 123 };
  const { inbox, requests } = inboxWith(() => jsonAnswer([listed]));
  deepEqual(await inbox.list(), {
    outcome: "ok",
    value: {
      messages: [{ id: 7, receivedAt: new Date("2026-11-24T12:00:00.123Z"), sizeBytes: 123 }],
      problems: [],
    },
    request: { method: "GET", url: MESSAGES, status: 200 },
  });
  deepEqual(requests, [requested(`GET ${MESSAGES}`)]);
});

Deno.test("list() asks for the messages behind a number", async () => {
  const { inbox, requests } = inboxWith(() => jsonAnswer([]));
  const reply = await inbox.list(7);
  ok(reply.outcome === "ok");
  deepEqual(reply.value.messages, []);
  deepEqual(requests, [requested(`GET ${MESSAGES}?last_id=7`)]);
});

Deno.test("fetch() gets a mail byte by byte", async () => {
  const mail = mailOf({ body: "\0\u00ff\r\n" });
  const { inbox, requests } = inboxWith(() => mailAnswer(mail));
  deepEqual(await inbox.fetch(MESSAGE, ENOUGH_ROOM), {
    outcome: "ok",
    value: { mail: receiveMail(mail), doubt: undefined },
    request: { method: "GET", url: `${MESSAGES}/7/body.eml`, status: 200 },
  });
  deepEqual(requests, [requested(`GET ${MESSAGES}/7/body.eml`)]);
});

Deno.test("delete() deletes a message", async () => {
  const { inbox, requests } = inboxWith(() => jsonAnswer({ id: 7 }));
  equal((await inbox.delete(MESSAGE)).outcome, "ok");
  deepEqual(requests, [requested(`DELETE ${MESSAGES}/7`)]);
});

for (const name of ["list", "fetch", "delete"] as const) {
  const operation = OPERATIONS[name];

  for (
    const [status, reason, pauseMs] of [
      [302, /answered 302: it redirects, .* check that$/, undefined],
      [400, /answered 400/, undefined],
      [401, /401: the API token is wrong; check MAILTRAP_TOKEN/, undefined],
      [403, /403: the token has no access .* check MAILTRAP_TOKEN and MAILTRAP_BOXID/, undefined],
      [429, /429: too many requests/, 10_000],
      [500, /answered 500/, 2_000],
      [503, /answered 503/, 2_000],
    ] as const
  ) {
    Deno.test(`${name}() fails when Mailtrap answers ${status}`, async () => {
      const headers = new Headers(status === 302 ? { location: "https://elsewhere.example/" } : {});
      const answer = () => new Response("x", { status, headers });
      const reply = failureOf(await operation(answer));
      match(reply.reason, reason);
      equal(reply.pauseMs, pauseMs);
      equal(reply.request.status, status);
    });
  }

  Deno.test(`${name}() fails when Mailtrap cannot be reached`, async () => {
    const reply = failureOf(await operation(() => Promise.reject(new TypeError("dns error"))));
    equal(reply.reason, "Mailtrap cannot be reached: dns error");
    equal(reply.request.status, undefined);
  });

  Deno.test(`${name}() fails when Mailtrap takes too long`, async () => {
    const timeout = new DOMException("Signal timed out.", "TimeoutError");
    const reply = failureOf(await operation(() => Promise.reject(timeout)));
    const limitMs = name === "fetch" ? 60_000 : 20_000;
    equal(reply.reason, `Mailtrap did not answer within ${limitMs} ms`);
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
  const fetching = inbox.fetch(MESSAGE, ENOUGH_ROOM);
  await time.pass(60_000);
  const reply = await fetching;
  ok(reply.outcome === "refused");
  equal(reply.reason, "Mailtrap's answer did not end within 60000 ms");
});

for (
  const [status, outcome] of [
    [200, "ok"],
    [204, "ok"],
    [201, "refused"],
    [202, "refused"],
    [203, "refused"],
    [206, "refused"],
  ] as const
) {
  Deno.test(`delete() is ${outcome} when Mailtrap answers ${status}`, async () => {
    equal((await OPERATIONS.delete(() => new Response(null, { status }))).outcome, outcome);
  });
}

Deno.test("list() fails when the inbox itself is not there", async () => {
  const reply = failureOf(await OPERATIONS.list(() => jsonAnswer({}, { status: 404 })));
  equal(reply.reason, "Mailtrap answered 404; check MAILTRAP_BOXID and MAILTRAP_API");
});

for (const name of ["fetch", "delete"] as const) {
  Deno.test(`${name}() says that a message is gone`, async () => {
    const reply = await OPERATIONS[name](() => jsonAnswer({}, { status: 404 }));
    equal(reply.outcome, "gone");
  });
}

for (
  const [retryAfter, pauseMs] of [
    ["3", 3_000],
    ["0", 10_000],
    ["-5", 10_000],
    ["9999", 120_000],
    ["soon", 10_000],
    ["Thu, 01 Jan 1970 00:00:00 GMT", 10_000],
    ["Fri, 01 Jan 2100 00:00:00 GMT", 120_000],
  ] as const
) {
  Deno.test(`list() pauses for ${pauseMs} ms when Retry-After is ${retryAfter}`, async () => {
    const headers = { "retry-after": retryAfter };
    const reply = failureOf(
      await OPERATIONS.list(() => new Response(null, { status: 429, headers })),
    );
    equal(reply.pauseMs, pauseMs);
  });
}

Deno.test("list() pauses until the date in Retry-After", async () => {
  const headers = { "retry-after": new Date(Date.now() + 60_000).toUTCString() };
  const { pauseMs = 0 } = failureOf(
    await OPERATIONS.list(() => new Response(null, { status: 503, headers })),
  );
  ok(pauseMs > 50_000 && pauseMs <= 60_000, `${pauseMs}`);
});
