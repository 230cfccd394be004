import { deepEqual, equal, match } from "node:assert/strict";
import { integrationTest } from "@playground/shared/testing";
import { MessageServerClient } from "./message_server.ts";

const DOCUMENT = {
  sender: { address: "me@example.com" },
  recipient: { address: "you@example.com" },
  subject: "Subject",
  body: "Body",
};
const TRACE_ID = "a".repeat(32);
const EMAIL = { id: "1", messageId: "<1@x>", traceId: TRACE_ID, traceUrl: "http://zipkin/1" };

/** A client of a server that answers every request so; `requests` are those that it got. */
function bench(answer: () => Response) {
  const requests: Request[] = [];
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      requests.push(request.clone());
      await request.body?.cancel();
      return answer();
    },
  );
  const url = new URL(`http://127.0.0.1:${server.addr.port}`);
  return {
    requests,
    client: new MessageServerClient(url, "sEcReT"),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

integrationTest("postEmail() posts the document with the token and further headers", async () => {
  const headers = { "X-B3-Sampled": "0" };
  await using test = bench(() => Response.json(EMAIL, { status: 202, headers }));
  deepEqual(
    await test.client.postEmail(DOCUMENT, { "X-Synthetic": "true", authorization: "none" }),
    { status: "accepted", email: { ...EMAIL, sampled: false } },
  );
  const sent = test.requests[0]?.headers;
  deepEqual(
    ["content-type", "authorization", "x-synthetic"].map((name) => sent?.get(name)),
    ["application/json", "Bearer sEcReT", "true"],
  );
});

for (
  const [what, answer, result] of [
    [
      "all that is wrong with a refused email, and its trace",
      () =>
        Response.json({
          title: "Invalid email",
          detail: "see errors",
          errors: [{ pointer: "/body", detail: "must not be empty" }],
        }, { status: 422, headers: { "X-B3-TraceId": TRACE_ID } }),
      {
        status: "refused",
        httpStatus: 422,
        lines: ["Invalid email: see errors", "  /body must not be empty"],
        traceId: TRACE_ID,
      },
    ],
    [
      "a proxy's refusal",
      () => new Response("<h1>Bad gateway</h1>", { status: 502 }),
      {
        status: "refused",
        httpStatus: 502,
        lines: ["the answer is no problem document; is this the message server?"],
      },
    ],
  ] as const
) {
  integrationTest(`postEmail() tells ${what}`, async () => {
    await using test = bench(answer);
    deepEqual(await test.client.postEmail(DOCUMENT), result);
  });
}

integrationTest("postEmail() believes no 202 that is not the message server's", async () => {
  await using test = bench(() => Response.json({}, { status: 202 }));
  equal((await test.client.postEmail(DOCUMENT)).status, "unreachable");
});

integrationTest("both calls tell why there is no answer", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const url = new URL(`http://127.0.0.1:${listener.addr.port}`);
  listener.close();
  const client = new MessageServerClient(url, undefined);
  const posted = await client.postEmail(DOCUMENT);
  match(posted.status === "unreachable" ? posted.reason : "", /refused/i);
  const read = await client.readTrace(TRACE_ID);
  deepEqual([read.status, read.status === "unavailable" && read.forGood], ["unavailable", false]);
});

for (
  const [httpStatus, title, result] of [
    [404, "Unknown trace", { status: "unknown" }],
    [503, "No collector", { status: "unavailable", reason: "why", forGood: true }],
    [503, "Collector unavailable", { status: "unavailable", reason: "why", forGood: false }],
  ] as const
) {
  integrationTest(`readTrace() is ${result.status} after ${httpStatus} ${title}`, async () => {
    await using test = bench(() => Response.json({ title, detail: "why" }, { status: httpStatus }));
    deepEqual(await test.client.readTrace(TRACE_ID), result);
  });
}
