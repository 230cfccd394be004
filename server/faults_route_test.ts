import { deepEqual, equal, match } from "node:assert/strict";
import { integrationTest } from "@playground/shared/testing";
import { problemOf, startTestApp, type TestApp } from "./testing/test_app.ts";

const JSON_TYPE = { "content-type": "application/json" };

/** An application, and a control of faults that answers like this. */
async function withControl(
  answer: () => Response,
  run: (app: TestApp, requests: readonly (readonly string[])[]) => Promise<void>,
): Promise<void> {
  const requests: string[][] = [];
  await using control = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (request) => {
      const { pathname } = new URL(request.url);
      requests.push([request.method, pathname, await request.text()]);
      return answer();
    },
  );
  await using app = startTestApp({
    faultsUrl: new URL(`http://127.0.0.1:${control.addr.port}`),
  });
  await run(app, requests);
}

integrationTest("/api/faults forwards each request as it is", async () => {
  await withControl(() => Response.json({ name: "smtp.reply" }), async (app, requests) => {
    const body = '{"value":"451"}';
    const put = { method: "PUT", headers: JSON_TYPE, body };
    for (
      const [path, init] of [
        ["", {}],
        ["", { method: "DELETE" }],
        ["/smtp.reply", put],
        ["/smtp.reply", { method: "DELETE" }],
        ["/..%2Fother", { method: "DELETE" }],
      ] as const
    ) {
      const response = await app.request(`/api/faults${path}`, init);
      equal(response.status, 200);
      equal(response.headers.get("cache-control"), "no-store");
      deepEqual(await response.json(), { name: "smtp.reply" });
    }
    deepEqual(requests, [
      ["GET", "/faults", ""],
      ["DELETE", "/faults", ""],
      ["PUT", "/faults/smtp.reply", body],
      ["DELETE", "/faults/smtp.reply", ""],
      ["DELETE", "/faults/..%2Fother", ""],
    ]);
  });
});

for (const status of [404, 413, 415, 422]) {
  integrationTest(
    `/api/faults passes a refusal with ${status} on, and names its trace`,
    async () => {
      const detail = "Cannot set x: it takes no value; leave that out";
      const refusal = { type: "about:blank", status, title: "Refused", detail };
      await withControl(() => Response.json(refusal, { status }), async (app) => {
        const put = { method: "PUT", headers: JSON_TYPE, body: "{}" };
        const { traceId: _, ...problem } = await problemOf(
          await app.request("/api/faults/x", put),
          status,
        );
        deepEqual(problem, refusal);
      });
    },
  );
}

integrationTest("/api/faults answers 503 when the control does not know what to say", async () => {
  await withControl(() => Response.json({}, { status: 500 }), async (app) => {
    match((await problemOf(await app.request("/api/faults"), 503)).detail, /it answered 500/);
  });
});

integrationTest("/api/faults takes JSON only, and not much of it", async () => {
  await withControl(() => Response.json({}), async (app, requests) => {
    const put = async (init: RequestInit) =>
      await app.request("/api/faults/x", { method: "PUT", ...init });
    await problemOf(await put({ body: "{}" }), 415);
    const form = { "content-type": "application/x-www-form-urlencoded" };
    await problemOf(await put({ body: "a=b", headers: form }), 415);
    await problemOf(await put({ body: "x".repeat(10_001), headers: JSON_TYPE }), 413);
    await problemOf(await app.request("/api/faults", { method: "POST" }), 405);
    await problemOf(await app.request("/api/faults/x"), 405);
    deepEqual(requests, []);
  });
});

integrationTest("/api/faults answers 503 when the control is away", async () => {
  await using app = startTestApp({ faultsUrl: unusedAddress() });
  match((await problemOf(await app.request("/api/faults"), 503)).detail, /refused/i);
});

Deno.test("/api/faults answers 404 where there are no stand-ins", async () => {
  await using app = startTestApp();
  for (const method of ["GET", "DELETE"]) {
    await problemOf(await app.request("/api/faults", { method }), 404);
  }
});

function unusedAddress(): URL {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return new URL(`http://127.0.0.1:${listener.addr.port}`);
}
