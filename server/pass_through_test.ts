import { deepEqual, equal, match } from "node:assert/strict";
import { integrationTest, serveLocally } from "@playground/shared/testing";
import { problemOf, startTestApp } from "./testing/test_app.ts";

const JSON_TYPE = { "content-type": "application/json" };
const PUT = { method: "PUT", headers: JSON_TYPE, body: '{"value":"451"}' };

/** An application, and a control API with this answer, which records the requests. */
function startControl(answer: () => Response) {
  const requests: string[][] = [];
  const control = serveLocally(async (request) => {
    const { pathname } = new URL(request.url);
    const type = request.headers.get("content-type") ?? "";
    requests.push([request.method, pathname, type, await request.text()]);
    return answer();
  });
  const app = startTestApp({ faultsUrl: new URL(control.url) });
  return {
    request: app.request,
    requests,
    async [Symbol.asyncDispose]() {
      await app[Symbol.asyncDispose]();
      await control[Symbol.asyncDispose]();
    },
  };
}

integrationTest("passThrough() passes each request on, and its answer back", async () => {
  await using app = startControl(() => Response.json({ any: "thing" }));
  for (
    const [path, init, passedOn] of [
      ["", {}, ["GET", "/faults", "", ""]],
      ["", { method: "DELETE" }, ["DELETE", "/faults", "", ""]],
      ["/smtp.reply", PUT, ["PUT", "/faults/smtp.reply", "application/json", PUT.body]],
      ["/smtp.reply", { method: "DELETE" }, ["DELETE", "/faults/smtp.reply", "", ""]],
      ["/..%2Fother", { method: "DELETE" }, ["DELETE", "/faults/..%2Fother", "", ""]],
      ["", { method: "POST", headers: { "content-type": "text/plain" }, body: "any" }, [
        "POST",
        "/faults",
        "text/plain",
        "any",
      ]],
      // A method that `fetch` cannot send becomes OPTIONS.
      ["/x", { method: "PROPFIND" }, ["OPTIONS", "/faults/x", "", ""]],
    ] as const
  ) {
    const response = await app.request(`/api/faults${path}`, init);
    equal(response.status, 200);
    equal(response.headers.get("cache-control"), "no-store");
    equal(response.headers.get("content-type"), "application/json");
    deepEqual(await response.json(), { any: "thing" });
    deepEqual(app.requests.pop(), passedOn);
  }
});

for (const status of [404, 405, 413, 415, 422]) {
  integrationTest(`passThrough() passes a ${status} back, with the id of its trace`, async () => {
    const detail = "Cannot set x: it takes no value; leave that out";
    const refusal = { type: "about:blank", status, title: "Refused", detail };
    await using app = startControl(() =>
      Response.json(refusal, { status, headers: { Allow: "GET" } })
    );
    const response = await app.request("/api/faults/x", PUT);
    equal(response.headers.get("allow"), "GET");
    const { traceId: _, ...problem } = await problemOf(response, status);
    deepEqual(problem, refusal);
  });
}

integrationTest(
  "passThrough() answers 503 where the other side is away, or gives no reason",
  async () => {
    await using away = startTestApp({ faultsUrl: unusedAddress() });
    await using failing = startControl(() => Response.json({}, { status: 500 }));
    await using page = startControl(() => new Response("<html>"));
    await using silent = startControl(() => new Response("", { status: 404 }));
    const cases = [
      [away, /refused/i],
      [failing, /500/],
      [page, /: the answer is not valid JSON;/],
      [silent, /JSON/],
    ] as const;
    for (const [app, reason] of cases) {
      const response = await app.request("/api/faults");
      equal(response.headers.get("retry-after"), "5");
      const { detail } = await problemOf(response, 503);
      match(detail, /FAULTS_URL/);
      match(detail, reason);
    }
  },
);

integrationTest("passThrough() passes no large or compressed body on", async () => {
  await using app = startControl(() => Response.json({}));
  const tooLarge = { ...PUT, body: "x".repeat(10_001) };
  await problemOf(await app.request("/api/faults/x", tooLarge), 413);
  const encoded = { ...PUT, headers: { ...JSON_TYPE, "content-encoding": "gzip" } };
  await problemOf(await app.request("/api/faults/x", encoded), 415);
  deepEqual(app.requests, []);
});

Deno.test("createApp() answers 404 to /api/faults where nothing can be broken", async () => {
  await using app = startTestApp();
  for (const method of ["GET", "DELETE"]) {
    await problemOf(await app.request("/api/faults", { method }), 404);
  }
});

function unusedAddress(): URL {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return new URL(`http://127.0.0.1:${listener.addr.port}`);
}
