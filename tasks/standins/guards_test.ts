import { equal } from "node:assert/strict";
import { Hono } from "@hono/hono";
import { hasJson, ownHostOnly } from "./guards.ts";

const STATUS_FOR = {
  "127.0.0.1": 200,
  localhost: 200,
  "[::1]": 200,
  mailtrap: 200,
  "evil.example": 403,
  "127.0.0.1.evil.example": 403,
  "mailtrap.evil.example": 403,
  "10.0.0.1": 403,
} as const;

for (const [host, status] of Object.entries(STATUS_FOR)) {
  Deno.test(`ownHostOnly() answers ${status} to the host ${host}`, async () => {
    const app = new Hono();
    app.use(ownHostOnly(["Mailtrap"]));
    app.get("/", (context) => context.text(""));
    equal((await app.request(`http://${host}:8025/`)).status, status);
  });
}

const IS_JSON = {
  "application/json": true,
  "Application/JSON; charset=utf-8": true,
  "text/plain": false,
  "text/plain; application/json": false,
  "application/x-www-form-urlencoded": false,
  "application/jsonp": false,
  "": false,
} as const;

for (const [type, expected] of Object.entries(IS_JSON)) {
  Deno.test(`hasJson() takes "${type}" for JSON: ${expected}`, async () => {
    const app = new Hono();
    app.post("/", (context) => context.json(hasJson(context)));
    const headers = type === "" ? undefined : { "content-type": type };
    equal(await (await app.request("/", { method: "POST", headers })).json(), expected);
  });
}
