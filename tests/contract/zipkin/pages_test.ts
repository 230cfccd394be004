import { deepEqual, equal, match } from "node:assert/strict";
import { contract, get, getJson, randomHex } from "../../fixture/zipkin.ts";

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

contract("serves the configuration of Zipkin's own page", async (url) => {
  deepEqual(await getJson(`${url}/zipkin/config.json`), {
    environment: "",
    queryLimit: 10,
    defaultLookback: 900_000,
    searchEnabled: true,
    logsUrl: null,
    supportUrl: null,
    archivePostUrl: null,
    archiveUrl: null,
    dependency: { enabled: true, lowErrorRate: 0.5, highErrorRate: 0.75 },
  });
});

contract("reports its version", async (url) => {
  const { zipkin } = await getJson(`${url}/info`) as { zipkin: Record<string, unknown> };
  deepEqual(Object.keys(zipkin), ["version", "commit"]);
  match(String(zipkin.version), /^3\.\d+\.\d+$/);
});
