import { deepEqual, equal, match, ok } from "node:assert/strict";
import { integrationTest } from "@playground/shared/testing";
import { createControlApi } from "./control_api.ts";
import { startControlServer } from "./control_server.ts";
import { Faults } from "./registry.ts";

const ORIGIN = "http://127.0.0.1:8026";

function bench() {
  const faults = new Faults({ parts: ["smtp"] });
  const api = createControlApi(faults);
  const send = async (method: string, path: string, body?: string, contentType?: string) => {
    const response = await api.request(`${ORIGIN}${path}`, {
      method,
      ...(body === undefined ? {} : { body }),
      headers: contentType === undefined ? {} : { "content-type": contentType },
    });
    return {
      status: response.status,
      contentType: response.headers.get("content-type"),
      body: await response.json(),
    };
  };
  const put = (path: string, body: unknown, contentType = "application/json") =>
    send("PUT", path, JSON.stringify(body), contentType);
  return { faults, api, send, put };
}

Deno.test("GET /faults lists the faults of the parts that are there", async () => {
  const { send } = bench();
  const { status, body } = await send("GET", "/faults");
  equal(status, 200);
  deepEqual(body.faults[0], {
    name: "smtp.connect-reply",
    part: "smtp",
    explanation: "greets a client with this code and hangs up",
    parameter: { type: "choice", choices: ["421", "554"], default: "421" },
    lesson: null,
    active: null,
  });
});

Deno.test("PUT /faults/{name} sets a fault, DELETE clears it", async () => {
  const { send, put, faults } = bench();
  const set = await put("/faults/smtp.reply", { value: "452", probability: 0.5 });
  equal(set.status, 200);
  deepEqual(set.body.active, { value: "452", probability: 0.5, endsAt: null, hitCount: 0 });
  equal(faults.valueOf("smtp.reply"), "452");
  const cleared = await send("DELETE", "/faults/smtp.reply");
  deepEqual([cleared.status, cleared.body.name, cleared.body.active], [200, "smtp.reply", null]);
  equal((await send("DELETE", "/faults/smtp.reply")).status, 200);
});

Deno.test("DELETE /faults clears all", async () => {
  const { send, put, faults } = bench();
  await put("/faults/smtp.reply", {});
  await put("/faults/smtp.delay", {});
  const { status, body } = await send("DELETE", "/faults");
  equal(status, 200);
  equal(body.faults.length, faults.list().length);
  deepEqual(faults.list().filter(({ active }) => active !== null), []);
});

for (const path of ["/faults/smtp.unheard-of", "/faults/mongodb.down", "/faults/constructor"]) {
  Deno.test(`the control API does not know ${path}`, async () => {
    const { send, put } = bench();
    const name = path.replace("/faults/", "");
    for (
      const [answer, what] of [
        [await put(path, {}), `Cannot set ${name}: `],
        [await send("DELETE", path), `Cannot clear ${name}: `],
      ] as const
    ) {
      equal(answer.status, 404);
      ok(answer.body.detail.startsWith(what), answer.body.detail);
      equal(answer.contentType, "application/problem+json");
    }
  });
}

for (
  const [body, detail] of [
    [{ value: "200" }, /^Cannot set smtp\.reply: "200" is none of its values/],
    [{ value: "" }, /^Cannot set smtp\.reply: "" is none of its values/],
    [{ probability: 2 }, /probability/],
    [{ forMs: 0.5 }, /time/],
    [{ value: 451 }, /^Cannot set smtp\.reply: the body is no JSON object/],
    [[], /no JSON object/],
    [null, /no JSON object/],
  ] as const
) {
  Deno.test(`PUT refuses ${JSON.stringify(body)} with 422`, async () => {
    const { put, faults } = bench();
    const answer = await put("/faults/smtp.reply", body);
    deepEqual([answer.status, answer.contentType], [422, "application/problem+json"]);
    match(answer.body.detail, detail);
    equal(faults.describe("smtp.reply").active, null);
  });
}

for (
  const contentType of ["text/plain", "application/x-www-form-urlencoded", "application/jsonp"]
) {
  Deno.test(`PUT refuses ${contentType}, which a cross-site form could send`, async () => {
    const { put, faults } = bench();
    equal((await put("/faults/smtp.reply", {}, contentType)).status, 415);
    equal(faults.describe("smtp.reply").active, null);
  });
}

Deno.test("PUT takes a content type with a parameter, and no body that is too large", async () => {
  const { put } = bench();
  equal((await put("/faults/smtp.reply", {}, "application/json; charset=utf-8")).status, 200);
  equal((await put("/faults/smtp.reply", { value: "4".repeat(5_000) })).status, 413);
});

for (
  const [method, path, allowed] of [
    ["POST", "/faults", "GET, DELETE"],
    ["OPTIONS", "/faults", "GET, DELETE"],
    ["GET", "/faults/smtp.reply", "PUT, DELETE"],
    ["PATCH", "/faults/smtp.reply", "PUT, DELETE"],
  ] as const
) {
  Deno.test(`the control API answers ${method} ${path} with 405 and what is allowed`, async () => {
    const response = await bench().api.request(`${ORIGIN}${path}`, { method });
    deepEqual([response.status, response.headers.get("allow")], [405, allowed]);
  });
}

for (const host of ["evil.example", "127.0.0.1.evil.example", "10.0.0.1"]) {
  Deno.test(`the control API refuses the host ${host}`, async () => {
    const { api } = bench();
    equal((await api.request(`http://${host}:8026/faults`)).status, 403);
  });
}

for (const host of ["127.0.0.1", "localhost", "[::1]"]) {
  Deno.test(`the control API takes the host ${host}`, async () => {
    const { api } = bench();
    equal((await api.request(`http://${host}:8026/faults`)).status, 200);
  });
}

Deno.test("the control API lets no foreign page read its answers", async () => {
  const { api } = bench();
  const preflight = await api.request(`${ORIGIN}/faults/smtp.reply`, {
    method: "OPTIONS",
    headers: { origin: "http://evil.example", "access-control-request-method": "PUT" },
  });
  equal(preflight.headers.get("access-control-allow-origin"), null);
});

integrationTest(
  "startControlServer() serves the API, on the next port when one is taken",
  async () => {
    await using first = await startControlServer(new Faults(), 0);
    await using second = await startControlServer(new Faults(), Number(new URL(first.url).port));
    for (const { url } of [first, second]) {
      const response = await fetch(new URL("/faults", url));
      equal(response.status, 200);
      await response.body?.cancel();
    }
  },
);
