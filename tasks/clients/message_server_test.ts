import { deepEqual, equal, match } from "node:assert/strict";
import { EXAMPLE_DOCUMENT, integrationTest, serveLocally } from "@playground/shared/testing";
import { MessageServerClient } from "./message_server.ts";

const TRACE_ID = "a".repeat(32);
const EMAIL = { id: "1", messageId: "<1@x>", traceId: TRACE_ID, traceUrl: "http://zipkin/1" };

/** A client of a server that gives this answer to every request; `received` has the headers of each. */
function bench(body: unknown, init: ResponseInit) {
  const received: Headers[] = [];
  const server = serveLocally((request) => {
    received.push(new Headers(request.headers));
    return typeof body === "string" ? new Response(body, init) : Response.json(body, init);
  });
  return {
    received,
    client: new MessageServerClient(new URL(server.url), "sEcReT"),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

integrationTest("postEmail() posts the document with the token and further headers", async () => {
  await using test = bench(EMAIL, { status: 202, headers: { "X-B3-Sampled": "0" } });
  deepEqual(
    await test.client.postEmail(EXAMPLE_DOCUMENT, { "X-Synthetic": "true", authorization: "none" }),
    { status: "accepted", email: { ...EMAIL, sampled: false } },
  );
  deepEqual(
    ["content-type", "authorization", "x-synthetic"].map((name) => test.received[0]?.get(name)),
    ["application/json", "Bearer sEcReT", "true"],
  );
});

const INVALID = {
  title: "Invalid email",
  detail: "see errors",
  errors: [{ pointer: "/body", detail: "must not be empty" }],
};
for (
  const [what, body, init, result] of [
    [
      "all that is wrong with a refused email, and its trace",
      INVALID,
      { status: 422, headers: { "X-B3-TraceId": TRACE_ID } },
      {
        status: "refused",
        httpStatus: 422,
        lines: ["Invalid email:", "  /body must not be empty"],
        traceId: TRACE_ID,
      },
    ],
    [
      "what is missing without a token",
      { title: "Unauthorized", detail: "why" },
      { status: 401 },
      {
        status: "refused",
        httpStatus: 401,
        lines: [
          "Unauthorized: why",
          "Set API_TOKEN to the server's token, in the environment or in .env",
        ],
      },
    ],
    [
      "that a proxy refused it",
      "<h1>Bad gateway</h1>",
      { status: 502 },
      {
        status: "refused",
        httpStatus: 502,
        lines: ["the answer is no problem document; is this the message server?"],
      },
    ],
  ] as const
) {
  integrationTest(`postEmail() reports ${what}`, async () => {
    await using test = bench(body, init);
    deepEqual(await test.client.postEmail(EXAMPLE_DOCUMENT), result);
  });
}

integrationTest("postEmail() does not accept a 202 of another server", async () => {
  await using test = bench({}, { status: 202 });
  equal((await test.client.postEmail(EXAMPLE_DOCUMENT)).status, "unreachable");
});

for (
  const [status, title, result] of [
    [404, "Unknown trace", { status: "unknown" }],
    [503, "No collector", { status: "unavailable", reason: "why", forGood: true }],
    [503, "Collector unavailable", { status: "unavailable", reason: "why", forGood: false }],
  ] as const
) {
  integrationTest(`readTrace() is ${result.status} after ${status} ${title}`, async () => {
    await using test = bench({ title, detail: "why" }, { status });
    deepEqual(await test.client.readTrace(TRACE_ID), result);
  });
}

integrationTest("both calls report why there is no answer", async () => {
  const test = bench("", {});
  await test[Symbol.asyncDispose]();
  const posted = await test.client.postEmail(EXAMPLE_DOCUMENT);
  match(posted.status === "unreachable" ? posted.reason : "", /refused/i);
  const read = await test.client.readTrace(TRACE_ID);
  deepEqual([read.status, read.status === "unavailable" && read.forGood], ["unavailable", false]);
});
