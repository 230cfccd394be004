import { deepEqual, equal, match } from "node:assert/strict";
import { integrationTest } from "@playground/shared/testing";
import { problemOf, startTestApp, type TestApp } from "./testing/test_app.ts";

const JSON_TYPE = { "content-type": "application/json" };
const PUT = { method: "PUT", headers: JSON_TYPE, body: '{"value":"451"}' };

/** An application, and a control API with this answer. */
async function withControl(
  answer: () => Response,
  run: (app: TestApp, requests: readonly (readonly string[])[]) => Promise<void>,
): Promise<void> {
  const requests: string[][] = [];
  await using control = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      const { pathname } = new URL(request.url);
      const type = request.headers.get("content-type") ?? "";
      requests.push([request.method, pathname, type, await request.text()]);
      return answer();
    },
  );
  await using app = startTestApp({
    faultsUrl: new URL(`http://127.0.0.1:${control.addr.port}`),
  });
  await run(app, requests);
}

integrationTest("passThrough() passes each request on, and its answer back", async () => {
  await withControl(() => Response.json({ any: "thing" }), async (app, requests) => {
    for (
      const [path, init] of [
        ["", {}],
        ["", { method: "DELETE" }],
        ["/smtp.reply", PUT],
        ["/smtp.reply", { method: "DELETE" }],
        ["/..%2Fother", { method: "DELETE" }],
        ["", { method: "POST", headers: { "content-type": "text/plain" }, body: "any" }],
        // A method that `fetch` cannot send becomes OPTIONS.
        ["/x", { method: "PROPFIND" }],
      ] as const
    ) {
      const response = await app.request(`/api/faults${path}`, init);
      equal(response.status, 200);
      equal(response.headers.get("cache-control"), "no-store");
      equal(response.headers.get("content-type"), "application/json");
      deepEqual(await response.json(), { any: "thing" });
    }
    deepEqual(requests, [
      ["GET", "/faults", "", ""],
      ["DELETE", "/faults", "", ""],
      ["PUT", "/faults/smtp.reply", JSON_TYPE["content-type"], PUT.body],
      ["DELETE", "/faults/smtp.reply", "", ""],
      ["DELETE", "/faults/..%2Fother", "", ""],
      ["POST", "/faults", "text/plain", "any"],
      ["OPTIONS", "/faults/x", "", ""],
    ]);
  });
});

for (const status of [404, 405, 413, 415, 422]) {
  integrationTest(`passThrough() passes a ${status} back, with the id of its trace`, async () => {
    const detail = "Cannot set x: it takes no value; leave that out";
    const refusal = { type: "about:blank", status, title: "Refused", detail };
    const answer = () => Response.json(refusal, { status, headers: { Allow: "GET" } });
    await withControl(answer, async (app) => {
      const response = await app.request("/api/faults/x", PUT);
      equal(response.headers.get("allow"), "GET");
      const { traceId: _, ...problem } = await problemOf(response, status);
      deepEqual(problem, refusal);
    });
  });
}

for (
  const answer of [
    () => Response.json({}, { status: 500 }),
    () => new Response("", { status: 404 }),
  ]
) {
  integrationTest(
    `passThrough() answers 503 when it is answered ${answer().status} without a reason`,
    async () => {
      await withControl(answer, async (app) => {
        const response = await app.request("/api/faults");
        equal(response.headers.get("retry-after"), "5");
        match((await problemOf(response, 503)).detail, /FAULTS_URL/);
      });
    },
  );
}

integrationTest("passThrough() passes no large or compressed body on", async () => {
  await withControl(() => Response.json({}), async (app, requests) => {
    const tooLarge = { ...PUT, body: "x".repeat(10_001) };
    await problemOf(await app.request("/api/faults/x", tooLarge), 413);
    const encoded = { ...PUT, headers: { ...JSON_TYPE, "content-encoding": "gzip" } };
    await problemOf(await app.request("/api/faults/x", encoded), 415);
    deepEqual(requests, []);
  });
});

integrationTest("passThrough() answers 503 when the other side is away", async () => {
  await using app = startTestApp({ faultsUrl: unusedAddress() });
  match((await problemOf(await app.request("/api/faults"), 503)).detail, /refused/i);
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
