import { deepEqual, equal, match, ok } from "node:assert/strict";
import { integrationTest } from "@playground/shared/testing";
import { createControlApi, startControlServer } from "./control_api.ts";
import { Faults } from "./registry.ts";

const ORIGIN = "http://127.0.0.1:8026";
const JSON_TYPE = "application/json";

function bench() {
  const faults = new Faults({ parts: ["smtp"] });
  const api = createControlApi(faults);
  const send = async (method: string, path: string, body?: unknown, contentType = JSON_TYPE) => {
    const response = await api.request(`${ORIGIN}${path}`, {
      method,
      headers: { "content-type": contentType },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const { status, headers } = response;
    return { status, contentType: headers.get("content-type"), body: await response.json() };
  };
  return { faults, api, send };
}

Deno.test("GET /faults lists the faults of the parts that are there", async () => {
  const { status, body } = await bench().send("GET", "/faults");
  equal(status, 200);
  deepEqual(body.faults[0], {
    name: "smtp.connect-reply",
    part: "smtp",
    title: "Mailtrap hangs up at once",
    explanation: "greets a client with this code and hangs up",
    parameter: { type: "choice", choices: ["421", "554"], default: "421" },
    lesson: null,
    active: null,
  });
});

Deno.test("PUT /faults/{name} sets a fault, DELETE clears it", async () => {
  const { send, faults } = bench();
  const set = await send("PUT", "/faults/smtp.reply", { value: "452", probability: 0.5 });
  equal(set.status, 200);
  deepEqual(set.body.active, { value: "452", probability: 0.5, endsAt: null, hitCount: 0 });
  equal(faults.valueOf("smtp.reply"), "452");
  const cleared = await send("DELETE", "/faults/smtp.reply");
  deepEqual([cleared.status, cleared.body.name, cleared.body.active], [200, "smtp.reply", null]);
  equal((await send("DELETE", "/faults/smtp.reply")).status, 200);
});

Deno.test("DELETE /faults clears all", async () => {
  const { send, faults } = bench();
  await send("PUT", "/faults/smtp.reply", {});
  await send("PUT", "/faults/smtp.delay", {});
  const { status, body } = await send("DELETE", "/faults");
  equal(status, 200);
  equal(body.faults.length, faults.list().length);
  ok(faults.list().every(({ active }) => active === null));
});

for (const name of ["smtp.unheard-of", "mongodb.down", "constructor"]) {
  Deno.test(`the control API does not know ${name}`, async () => {
    const { send } = bench();
    for (const [method, verb] of [["PUT", "set"], ["DELETE", "clear"]] as const) {
      const answer = await send(method, `/faults/${name}`, {});
      deepEqual([answer.status, answer.contentType], [404, "application/problem+json"]);
      match(answer.body.detail, new RegExp(`^Cannot ${verb} ${name}: `));
    }
  });
}

for (
  const { body, type, status, detail } of [
    { body: { value: "200" }, status: 422, detail: /^Cannot set smtp\.reply: "200" is not one/ },
    { body: { value: 451 }, status: 422, detail: /^Cannot set smtp\.reply: the body is no JSON/ },
    { body: [], status: 422, detail: /no JSON object/ },
    { body: null, status: 422, detail: /no JSON object/ },
    { body: { value: "4".repeat(5_000) }, status: 413, detail: /send less/ },
    // What a form of another site can send.
    { body: {}, type: "text/plain", status: 415, detail: /application\/json/ },
    { body: {}, type: "application/x-www-form-urlencoded", status: 415, detail: /json/ },
    { body: {}, type: "application/jsonp", status: 415, detail: /json/ },
  ]
) {
  const what = `${type ?? JSON_TYPE} ${JSON.stringify(body).slice(0, 30)}`;
  Deno.test(`PUT /faults/{name} refuses ${what} with ${status}`, async () => {
    const { send, faults } = bench();
    const answer = await send("PUT", "/faults/smtp.reply", body, type);
    deepEqual([answer.status, answer.contentType], [status, "application/problem+json"]);
    match(answer.body.detail, detail);
    equal(faults.describe("smtp.reply").active, null);
  });
}

Deno.test("PUT /faults/{name} takes a content type with a parameter", async () => {
  const type = "Application/JSON; charset=utf-8";
  equal((await bench().send("PUT", "/faults/smtp.reply", {}, type)).status, 200);
});

for (
  const [method, path, allowed] of [
    ["POST", "/faults", "GET, DELETE"],
    ["GET", "/faults/smtp.reply", "PUT, DELETE"],
    // A preflight, without which no page of another site can set anything.
    ["OPTIONS", "/faults/smtp.reply", "PUT, DELETE"],
  ] as const
) {
  Deno.test(`the control API answers ${method} ${path} with 405 and what is allowed`, async () => {
    const headers = { origin: "http://evil.example", "access-control-request-method": "PUT" };
    const response = await bench().api.request(`${ORIGIN}${path}`, { method, headers });
    deepEqual([response.status, response.headers.get("allow")], [405, allowed]);
    equal(response.headers.get("access-control-allow-origin"), null);
  });
}

for (
  const [host, status] of [
    ["127.0.0.1", 200],
    ["localhost", 200],
    ["[::1]", 200],
    ["evil.example", 403],
    ["127.0.0.1.evil.example", 403],
    ["10.0.0.1", 403],
  ] as const
) {
  Deno.test(`the control API answers ${status} to the host ${host}`, async () => {
    equal((await bench().api.request(`http://${host}:8026/faults`)).status, status);
  });
}

integrationTest("startControlServer() takes the next port when one is taken", async () => {
  await using first = await startControlServer(new Faults(), 0);
  await using second = await startControlServer(new Faults(), Number(new URL(first.url).port));
  for (const { url } of [first, second]) {
    const response = await fetch(new URL("/faults", url));
    equal(response.status, 200);
    await response.body?.cancel();
  }
});
