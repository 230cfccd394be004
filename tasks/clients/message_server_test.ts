import { deepEqual, equal, match } from "node:assert/strict";
import { integrationTest } from "@playground/shared/testing";
import { MessageServerClient } from "./message_server.ts";

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

integrationTest(
  "postEmail() tells all that is wrong with a refused email, and its trace",
  async () => {
    await using test = bench(() =>
      Response.json({
        title: "Invalid email",
        detail: "see errors",
        errors: [{ pointer: "/body", detail: "must not be empty" }],
      }, { status: 422, headers: { "X-B3-TraceId": "a".repeat(32) } })
    );
    deepEqual(await test.client.postEmail(DOCUMENT), {
      status: "refused",
      httpStatus: 422,
      lines: ["Invalid email: see errors", "  /body must not be empty"],
      traceId: "a".repeat(32),
    });
  },
);

integrationTest("postEmail() tells a proxy's refusal, and believes no foreign 202", async () => {
  await using proxy = bench(() => new Response("<h1>Bad gateway</h1>", { status: 502 }));
  const result = await proxy.client.postEmail(DOCUMENT);
  deepEqual([result.status, result.status === "refused" && result.httpStatus], ["refused", 502]);
  await using foreign = bench(() => Response.json({}, { status: 202 }));
  equal((await foreign.client.postEmail(DOCUMENT)).status, "unreachable");
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
