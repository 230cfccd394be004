import { equal } from "node:assert/strict";
import { Hono } from "@hono/hono";
import { hasJson, ownHostOnly } from "./guards.ts";

Deno.test("ownHostOnly() refuses any host but this machine's and its own names", async () => {
  const app = new Hono();
  app.use(ownHostOnly(["Mailtrap"]));
  app.get("/", (context) => context.text(""));
  const statusFor = async (host: string) => (await app.request(`http://${host}:8025/`)).status;
  for (const host of ["127.0.0.1", "localhost", "[::1]", "mailtrap"]) {
    equal(await statusFor(host), 200, host);
  }
  for (
    const name of ["evil.example", "127.0.0.1.evil.example", "mailtrap.evil.example", "10.0.0.1"]
  ) {
    equal(await statusFor(name), 403, name);
  }
});

Deno.test("hasJson() goes by the media type alone", async () => {
  const app = new Hono();
  app.post("/", (context) => context.json(hasJson(context)));
  for (
    const [type, expected] of [
      ["application/json", true],
      ["Application/JSON; charset=utf-8", true],
      ["text/plain", false],
      ["text/plain; application/json", false],
      ["application/x-www-form-urlencoded", false],
      ["application/jsonp", false],
      ["", false],
    ] as const
  ) {
    const headers = type === "" ? undefined : { "content-type": type };
    const answer = await app.request("/", { method: "POST", headers });
    equal(await answer.json(), expected, type);
  }
});
