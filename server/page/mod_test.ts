import { equal, match, ok } from "node:assert/strict";
import { ASSETS } from "./assets.ts";
import { describeApi } from "../openapi/mod.ts";
import { createPage } from "./mod.ts";

const api = describeApi({ requiresToken: false });
const page = createPage(true, api);
const shellOf = async (hasFaults: boolean) =>
  await (await createPage(hasFaults, api).request("/")).text();

Deno.test("createPage() serves the shell under a policy that allows its own script and style only", async () => {
  const response = await page.request("/");
  equal(response.status, 200);
  equal(response.headers.get("content-type"), "text/html; charset=utf-8");
  const policy = response.headers.get("content-security-policy")?.split("; ") ?? [];
  for (
    const directive of [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "connect-src 'self'",
      "form-action 'none'",
      "base-uri 'none'",
      "frame-ancestors 'none'",
    ]
  ) {
    ok(policy.includes(directive), directive);
  }
  ok(!policy.some((directive) => /unsafe|http|\*/.test(directive)), policy.join("; "));
  equal(response.headers.get("x-content-type-options"), "nosniff");
  equal(response.headers.get("referrer-policy"), "no-referrer");
});

Deno.test("createPage() makes a shell that complies with the policy", async () => {
  const shell = await shellOf(true);
  match(shell, /^<!doctype html>/);
  equal(/<style|<script(?! type="module" src="\/page\/)|\sstyle=|\son[a-z]+=/i.test(shell), false);
  equal(/(?:src|href|action)="https?:/i.test(shell), false);
});

Deno.test("createPage() tells the script whether there are faults, and the limits of the schema", async () => {
  for (const isBreakable of [true, false]) {
    const [, text = ""] = /data-settings="([^"]*)"/.exec(await shellOf(isBreakable)) ?? [];
    const { hasFaults, maxLengths } = JSON.parse(text.replaceAll("&quot;", '"'));
    equal(hasFaults, isBreakable);
    equal(Object.keys(maxLengths).length, 5);
    for (const [pointer, maxLength] of Object.entries(maxLengths)) {
      const schema = pointer.slice(1).split("/").reduce(
        (schema, name) => schema.properties[name],
        JSON.parse(JSON.stringify(api.components.schemas.Email)),
      );
      equal(maxLength, schema.maxLength, pointer);
    }
  }
});

Deno.test("createPage() says what to do without a script", async () => {
  match(
    await shellOf(false),
    /<noscript>[^]*needs JavaScript[^]*deno task send-email[^]*<\/noscript>/,
  );
});

for (const { name, contentType } of ASSETS) {
  Deno.test(`createPage() serves ${name}, and only once to a browser that has it`, async () => {
    const response = await page.request(`/page/${name}`);
    equal(response.status, 200);
    equal(response.headers.get("content-type"), `${contentType}; charset=utf-8`);
    equal(response.headers.get("cache-control"), "no-cache");
    const etag = response.headers.get("etag") ?? "";
    ok(etag !== "");
    ok((await response.text()).length > 0);
    const again = await page.request(`/page/${name}`, { headers: { "if-none-match": etag } });
    equal(again.status, 304);
    equal(await again.text(), "");
  });
}

Deno.test("createPage() compresses what it serves, and knows it again", async () => {
  const headers = { "accept-encoding": "gzip" };
  const response = await page.request("/page/main.js", { headers });
  equal(response.headers.get("content-encoding"), "gzip");
  const etag = response.headers.get("etag") ?? "";
  const again = await page.request("/page/main.js", {
    headers: { ...headers, "if-none-match": etag },
  });
  equal(again.status, 304);
});

Deno.test("createPage() serves every module that another one imports", () => {
  const names = new Set(ASSETS.map(({ name }) => name));
  for (const { name, text, contentType } of ASSETS) {
    if (contentType !== "text/javascript") continue;
    // Types in doc comments do not exist in a browser.
    for (const [, imported = ""] of text.matchAll(/(?<!")\bfrom ?"(.*?)(?<!\.ts)"/g)) {
      const { pathname } = new URL(imported, `http://page/${name}`);
      ok(imported.startsWith("./") && names.has(pathname.slice(1)), `${name} imports ${imported}`);
    }
  }
});

Deno.test("createPage() serves nothing else", async () => {
  for (
    const path of ["/page/", "/page/types.ts", "/page/mod.ts", "/page/../mod.ts", "/index.html"]
  ) {
    equal((await page.request(path)).status, 404, path);
  }
});
