import { deepEqual, equal, match } from "node:assert/strict";
import { integrationTest } from "@playground/shared/testing";
import { MessageServerClient } from "./message_server_client.ts";

const DOCUMENT = {
  sender: { address: "me@example.com" },
  recipient: { address: "you@example.com" },
  subject: "Subject",
  body: "Body",
};
const EMAIL = { id: "1", messageId: "<1@x>", traceId: "a".repeat(32), traceUrl: "http://zipkin/1" };

/** What a server got. */
interface ReceivedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Headers;
  readonly body: string;
}

/** A client of a server that answers every request so; `requests` are those that it got. */
function bench(answer: () => Response, apiToken?: string) {
  const requests: ReceivedRequest[] = [];
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      const { method, url, headers } = request;
      requests.push({
        method,
        path: url.slice(new URL(url).origin.length),
        headers: new Headers(headers),
        body: await request.text(),
      });
      return answer();
    },
  );
  const url = new URL(`http://127.0.0.1:${server.addr.port}`);
  return {
    requests,
    client: new MessageServerClient(url, apiToken),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

integrationTest(
  "postEmail() posts the document as JSON, with the token and further headers",
  async () => {
    await using test = bench(() => Response.json(EMAIL, { status: 202 }), "sEcReT");
    await test.client.postEmail(DOCUMENT, { "X-Synthetic": "true", authorization: "none" });
    const [request] = test.requests;
    deepEqual(
      [request?.method, request?.path, JSON.parse(request?.body ?? "")],
      ["POST", "/email", DOCUMENT],
    );
    deepEqual(
      ["content-type", "authorization", "x-synthetic"].map((name) => request?.headers.get(name)),
      ["application/json", "Bearer sEcReT", "true"],
    );
  },
);

for (const [sampled, header] of [[true, "1"], [false, "0"]] as const) {
  integrationTest(
    `postEmail() tells that an email was accepted and sampled: ${sampled}`,
    async () => {
      await using test = bench(() =>
        Response.json(EMAIL, { status: 202, headers: { "X-B3-Sampled": header } })
      );
      deepEqual(await test.client.postEmail(DOCUMENT), {
        status: "accepted",
        email: { ...EMAIL, sampled },
      });
    },
  );
}

integrationTest("postEmail() tells all that is wrong with a refused email", async () => {
  await using test = bench(() =>
    Response.json({
      title: "Invalid email",
      detail: "see errors",
      errors: [{ pointer: "/body", detail: "must not be empty" }],
    }, { status: 422 })
  );
  deepEqual(await test.client.postEmail(DOCUMENT), {
    status: "refused",
    httpStatus: 422,
    lines: ["Invalid email: see errors", "  /body must not be empty"],
  });
});

integrationTest("postEmail() tells the trace of a refused email", async () => {
  const headers = { "X-B3-TraceId": "a".repeat(32) };
  await using test = bench(() => Response.json({}, { status: 503, headers }));
  const result = await test.client.postEmail(DOCUMENT);
  equal(result.status === "refused" && result.traceId, "a".repeat(32));
});

integrationTest("postEmail() tells the status where a proxy answers in its own words", async () => {
  await using test = bench(() => new Response("<h1>Bad gateway</h1>", { status: 502 }));
  const result = await test.client.postEmail(DOCUMENT);
  deepEqual([result.status, result.status === "refused" && result.httpStatus], ["refused", 502]);
});

integrationTest("postEmail() believes no 202 that is not the message server's", async () => {
  await using test = bench(() => Response.json({}, { status: 202 }));
  equal((await test.client.postEmail(DOCUMENT)).status, "unreachable");
});

integrationTest("both calls tell why there is no answer", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const client = new MessageServerClient(
    new URL(`http://127.0.0.1:${listener.addr.port}`),
    undefined,
  );
  listener.close();
  const posted = await client.postEmail(DOCUMENT);
  match(posted.status === "unreachable" ? posted.reason : "", /refused/i);
  const read = await client.readTrace("a".repeat(32));
  deepEqual([read.status, read.status === "unavailable" && read.forGood], ["unavailable", false]);
});

integrationTest("readTrace() hands on state and spans", async () => {
  const trace = { state: { name: "queued" }, spans: [] };
  await using test = bench(() => Response.json(trace));
  deepEqual(await test.client.readTrace("a".repeat(32)), { status: "found", ...trace });
  await test.client.readTrace("a".repeat(32), "email");
  deepEqual(test.requests.map(({ path }) => path), [
    `/api/traces/${"a".repeat(32)}`,
    `/api/traces/${"a".repeat(32)}?email=email`,
  ]);
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
    deepEqual(await test.client.readTrace("a".repeat(32)), result);
  });
}
