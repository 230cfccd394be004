import { deepEqual, equal, match, ok } from "node:assert/strict";
import { bytes } from "../testing/mails.ts";
import type { InboxReply } from "./inbox.ts";
import { mailtrapInbox } from "./mailtrap_inbox.ts";

const MESSAGES = "https://mailtrap.example/api/sandboxes/12/messages";
const MESSAGE = { id: 7, receivedAt: new Date(0) };

/** One message as Mailtrap's list tells of it, shortened. */
const LISTED = {
  id: 7,
  sandbox_id: 12,
  subject: "Subject",
  email_size: 123,
  is_read: false,
  created_at: "2026-11-24T12:00:00.123Z",
  blacklists_report_info: false,
};

/** An inbox whose requests are answered by a function; it notes them. */
function inboxWith(answer: () => Response | Promise<Response>) {
  const requests: {
    readonly url: string;
    readonly method: string;
    readonly token: string | null;
  }[] = [];
  const inbox = mailtrapInbox({
    url: new URL("https://mailtrap.example"),
    style: "sandboxes",
    boxId: "12",
    token: "t0ken",
    fetcher: async (input, init) => {
      const { url, method, headers } = new Request(input, init);
      requests.push({ url, method, token: headers.get("api-token") });
      return await answer();
    },
  });
  return { inbox, requests };
}

/** What an inbox makes of an answer to each of its three requests. */
const OPERATIONS = {
  list: (answer: () => Response | Promise<Response>) => inboxWith(answer).inbox.list(),
  fetch: (answer: () => Response | Promise<Response>) => inboxWith(answer).inbox.fetch(MESSAGE),
  delete: (answer: () => Response | Promise<Response>) => inboxWith(answer).inbox.delete(MESSAGE),
} as const;

/** The failure of a reply; throws when it is none. */
function failureOf(reply: InboxReply<unknown>) {
  ok(reply.outcome === "failed");
  return reply;
}

Deno.test("list() asks for the newest messages with the token", async () => {
  const { inbox, requests } = inboxWith(() => Response.json([LISTED]));
  deepEqual(await inbox.list(), {
    outcome: "ok",
    value: [{ id: 7, receivedAt: new Date("2026-11-24T12:00:00.123Z"), sizeBytes: 123 }],
    request: { method: "GET", url: MESSAGES, status: 200 },
  });
  deepEqual(requests, [{ url: MESSAGES, method: "GET", token: "t0ken" }]);
});

Deno.test("list() asks for the messages behind a number", async () => {
  const { inbox, requests } = inboxWith(() => Response.json([]));
  const reply = await inbox.list(7);
  ok(reply.outcome === "ok");
  deepEqual(reply.value, []);
  equal(requests[0]?.url, `${MESSAGES}?last_id=7`);
});

Deno.test("fetch() gets a mail byte by byte", async () => {
  const mail = Uint8Array.of(0, 255, 13, 10);
  const { inbox, requests } = inboxWith(() => new Response(mail));
  deepEqual(await inbox.fetch(MESSAGE), {
    outcome: "ok",
    value: mail,
    request: { method: "GET", url: `${MESSAGES}/7/body.eml`, status: 200 },
  });
  equal(requests[0]?.method, "GET");
});

for (const type of ["text/html", "text/html; charset=utf-8", "application/json"]) {
  Deno.test(`fetch() takes no ${type} for a mail`, async () => {
    const answer = () => new Response("<p>Sign in", { headers: { "content-type": type } });
    equal(
      failureOf(await OPERATIONS.fetch(answer)).reason,
      `Mailtrap's answer is not a mail but ${type}`,
    );
  });
}

Deno.test("delete() deletes a message", async () => {
  const { inbox, requests } = inboxWith(() => Response.json(LISTED));
  equal((await inbox.delete(MESSAGE)).outcome, "ok");
  deepEqual(requests, [{ url: `${MESSAGES}/7`, method: "DELETE", token: "t0ken" }]);
});

for (const name of ["list", "fetch", "delete"] as const) {
  const operation = OPERATIONS[name];

  for (
    const [status, reason, pauseMs] of [
      [400, /answered 400/, undefined],
      [401, /401: the API token is wrong; check MAILTRAP_TOKEN/, undefined],
      [403, /403: the token has no access .* check MAILTRAP_TOKEN and MAILTRAP_BOXID/, undefined],
      [429, /429: too many requests/, 10_000],
      [500, /answered 500/, 2_000],
      [503, /answered 503/, 2_000],
    ] as const
  ) {
    Deno.test(`${name}() fails when Mailtrap answers ${status}`, async () => {
      const reply = failureOf(await operation(() => Response.json({ error: "x" }, { status })));
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
    equal(reply.reason, "Mailtrap did not answer within 20000 ms");
  });
}

Deno.test("fetch() fails when the connection breaks in the middle of a mail", async () => {
  const body = new ReadableStream({
    start: (controller) => controller.enqueue(bytes("Subject: ")),
    pull: (controller) => controller.error(new TypeError("connection reset")),
  });
  const reply = failureOf(await OPERATIONS.fetch(() => new Response(body)));
  equal(reply.reason, "Mailtrap cannot be reached: connection reset");
});

for (
  const [what, body] of [
    ["no JSON", "<html>"],
    ["no list", '{"messages":[]}'],
    ["messages without a number", JSON.stringify([{ ...LISTED, id: undefined }])],
    ["messages with a number that is text", JSON.stringify([{ ...LISTED, id: "7" }])],
    ["messages without a time", JSON.stringify([{ ...LISTED, created_at: undefined }])],
    ["messages with a time that is none", JSON.stringify([{ ...LISTED, created_at: "noon" }])],
  ] as const
) {
  Deno.test(`list() fails when Mailtrap answers with ${what}`, async () => {
    const reply = failureOf(await OPERATIONS.list(() => new Response(body)));
    equal(reply.reason, "Mailtrap's answer is not a list of messages");
    equal(reply.request.status, 200);
  });
}

Deno.test("list() takes messages whose size is not told", async () => {
  const reply = await OPERATIONS.list(() => Response.json([{ ...LISTED, email_size: null }]));
  equal(reply.outcome, "ok");
});

Deno.test("list() fails when the inbox itself is not there", async () => {
  const reply = failureOf(await OPERATIONS.list(() => Response.json({}, { status: 404 })));
  equal(reply.reason, "Mailtrap answered 404; check MAILTRAP_BOXID and MAILTRAP_API");
});

for (const name of ["fetch", "delete"] as const) {
  Deno.test(`${name}() says that a message is gone`, async () => {
    const reply = await OPERATIONS[name](() => Response.json({}, { status: 404 }));
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
