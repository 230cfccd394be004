import { deepEqual, match } from "node:assert/strict";
import { EXAMPLE_DOCUMENT, integrationTest, serveLocally } from "@playground/shared/testing";
import { MessageServerClient } from "./message_server.ts";

const TRACE_ID = "a".repeat(32);

/** A client of a server that gives this answer to every request. */
function bench(body: unknown, init: ResponseInit) {
  const server = serveLocally(() =>
    typeof body === "string" ? new Response(body, init) : Response.json(body, init)
  );
  return { ...server, client: new MessageServerClient(new URL(server.url)) };
}

for (
  const [what, body, init, result] of [
    ["that a token is missing", { title: "Unauthorized", detail: "why" }, { status: 401 }, {
      lines: [
        "Unauthorized: why",
        "Set API_TOKEN to the server's token, in the environment or in .env",
      ],
    }],
    ["the server's own sentence", { title: "Down", detail: "Cannot send: x; y" }, { status: 503 }, {
      lines: ["Cannot send: x; y"],
    }],
    ["that a proxy refused it", "<h1>Bad gateway</h1>", { status: 502 }, {
      lines: ["its answer is not the message server's; is the address right?"],
    }],
  ] as const
) {
  integrationTest(`postEmail() reports ${what}`, async () => {
    await using test = bench(body, init);
    const unnamed = { traceId: undefined, spanId: undefined };
    const refused = { status: "refused", httpStatus: init.status, ...unnamed, ...result };
    deepEqual(await test.client.postEmail(EXAMPLE_DOCUMENT), refused);
  });
}

integrationTest("postEmail() does not accept a 202 of another server", async () => {
  await using test = bench({}, { status: 202 });
  const reason = "its answer is not the message server's";
  deepEqual(await test.client.postEmail(EXAMPLE_DOCUMENT), { status: "unreachable", reason });
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
