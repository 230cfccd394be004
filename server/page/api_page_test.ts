import { deepEqual, equal, match, ok } from "node:assert/strict";
import { describeApi } from "../openapi/mod.ts";
import { startTestApp } from "../testing/test_app.ts";
import { renderApiPage } from "./api_page.ts";

const api = describeApi({ requiresToken: false });
const page = renderApiPage(api);

Deno.test("GET /api is a page that anybody may read", async () => {
  await using app = startTestApp({ apiToken: "secret" });
  const response = await app.request("/api");
  equal(response.status, 200);
  equal(response.headers.get("content-type"), "text/html; charset=utf-8");
  match(response.headers.get("content-security-policy") ?? "", /default-src 'none'/);
  match(await response.text(), /Authorization: Bearer/);
});

Deno.test("renderApiPage() needs no script and no style of its own", () => {
  equal(/<script|<style|\sstyle=|\son[a-z]+=/i.test(page), false);
  equal(/(?:src|href|action)="https?:/i.test(page), false);
});

Deno.test("renderApiPage() lists every operation and each of its answers", () => {
  for (const [path, item] of Object.entries(api.paths)) {
    for (const [method, { operationId, summary, responses }] of Object.entries(item)) {
      const [, text = ""] = page.split(`id="${operationId}"`);
      const section = text.slice(0, text.indexOf("</section>"));
      ok(section.includes(`${method.toUpperCase()}</span> ${path}</h3>`), section);
      ok(section.includes(summary), section);
      deepEqual(
        [...section.matchAll(/<dt><code>(\d+)<\/code><\/dt>/g)].map(([, status]) => status),
        Object.keys(responses),
      );
    }
  }
});

Deno.test("renderApiPage() leads to the views of the page", () => {
  for (const path of ["/", "/#view=explore", "/#view=lessons"]) {
    ok(page.includes(`<a href="${path}">`), path);
  }
});

Deno.test("renderApiPage() has a target for each reference", () => {
  const references = [...page.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id);
  ok(references.length > 0);
  for (const id of references) ok(page.includes(` id="${id}"`), id);
});

Deno.test("renderApiPage() shows code as such", () => {
  ok(page.includes("<code>collector</code> says whether it is available"));
});

Deno.test("renderApiPage() escapes the document's texts", () => {
  const hostile = renderApiPage({ ...api, info: { ...api.info, description: "<b>&" } });
  ok(hostile.includes("&lt;b&gt;&amp;") && !hostile.includes("<b>&"));
});
