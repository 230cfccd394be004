import { equal, match } from "node:assert/strict";
import { contract, get, randomHex } from "../../fixture/zipkin.ts";

contract("is healthy", async (url) => {
  const { status, text } = await get(`${url}/health`);
  equal(status, 200);
  match(text, /"status"\s*:\s*"UP"/);
});

contract("leads people from its root to its pages", async (url) => {
  const response = await fetch(url, { redirect: "manual" });
  await response.body?.cancel();
  equal(response.status, 302);
  equal(response.headers.get("location"), "/zipkin/");
  const page = await fetch(`${url}/zipkin/traces/${randomHex(32)}`);
  match(page.headers.get("content-type") ?? "", /^text\/html/);
  await page.body?.cancel();
});
