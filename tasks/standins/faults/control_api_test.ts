import { deepEqual, equal, match, ok } from "node:assert/strict";
import { Hono } from "@hono/hono";
import { createControlApi } from "./control_api.ts";
import { Faults } from "./registry.ts";

const ORIGIN = "http://127.0.0.1:8026";
const JSON_TYPE = "application/json";

function bench() {
  const faults = new Faults(["smtp"]);
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

Deno.test("PUT /faults/{name} takes what the parameter allows, and its default", async () => {
  const { send, faults } = bench();
  using _ended = faults;
  for (
    const [name, body, value, probability] of [
      ["smtp.drop-after-data", {}, null, 1],
      ["smtp.reply", {}, "451", 1],
      ["smtp.reply", { value: "550", probability: 0 }, "550", 0],
      ["smtp.rate-limit", { value: "1000" }, "1000", 1],
      ["smtp.rate-limit", { forMs: 86_400_000 }, "1", 1],
    ] as const
  ) {
    const { status, body: { active } } = await send("PUT", `/faults/${name}`, body);
    deepEqual([status, active.value, active.probability], [200, value, probability]);
  }
});

for (
  const { name = "smtp.reply", body, type = JSON_TYPE, detail } of [
    { body: { value: "200" }, detail: /"200" is not one of its values; give one of 421, 450, / },
    { body: { value: "" }, detail: /: "" is not one of its values/ },
    { body: { value: 451 }, detail: /: the body is not a JSON object with value/ },
    { body: [], detail: /not a JSON object/ },
    { body: null, detail: /not a JSON object/ },
    { name: "smtp.drop-after-data", body: { value: "1" }, detail: /: it takes no value/ },
    { name: "smtp.rate-limit", body: { value: "0" }, detail: /from 1 to 1000 \(mails a second\)/ },
    { name: "smtp.rate-limit", body: { value: "1001" }, detail: /from 1 to 1000/ },
    { name: "smtp.rate-limit", body: { value: "1e1" }, detail: /"1e1" is not a whole number/ },
    { name: "smtp.rate-limit", body: { value: "" }, detail: /: "" is not a whole number/ },
    { body: { probability: -0.1 }, detail: /: the probability -0\.1 is not from 0 to 1/ },
    { body: { probability: 1.1 }, detail: /: the probability 1\.1 is not from 0 to 1/ },
    { body: { forMs: 0 }, detail: /: the time is not from 1 ms to a day/ },
    { body: { forMs: 1.5 }, detail: /the time/ },
    { body: { forMs: 86_400_001 }, detail: /the time/ },
    // A form of another site can send these.
    { body: {}, type: "text/plain", detail: /application\/json/ },
  ]
) {
  Deno.test(`PUT /faults/${name} refuses ${type} ${JSON.stringify(body)}`, async () => {
    const { send, faults } = bench();
    faults.set("smtp.reply", { value: "452" });
    const answer = await send("PUT", `/faults/${name}`, body, type);
    const status = type === JSON_TYPE ? 422 : 415;
    deepEqual([answer.status, answer.contentType], [status, "application/problem+json"]);
    match(answer.body.detail, RegExp(`^Cannot set ${name}: `));
    match(answer.body.detail, detail);
    const active = faults.list().filter(({ active }) => active !== null);
    deepEqual(active.map(({ name, active }) => [name, active?.value]), [["smtp.reply", "452"]]);
  });
}

for (
  const [method, path, allowed] of [
    ["POST", "/faults", "GET, DELETE"],
    // A page of another site must send a preflight before it can set anything.
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

Deno.test("the control API refuses large bodies, for the other collections too", async () => {
  const others = new Hono().put("/4", async (c) => c.json({ length: (await c.req.text()).length }));
  const api = createControlApi(new Faults(), undefined, { lessons: others });
  const put = async (path: string, body: string) =>
    (await api.request(ORIGIN + path, { method: "PUT", body })).status;
  deepEqual(
    [await put("/lessons/4", "{}"), await put("/lessons/4", "x".repeat(5_000))],
    [200, 413],
  );
});
