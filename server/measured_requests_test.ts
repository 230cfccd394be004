import { deepEqual } from "node:assert/strict";
import { DOCUMENT, startTestApp } from "./testing/test_app.ts";

Deno.test("measureRequests() labels requests by route, never by callers' input", async () => {
  await using app = startTestApp({ apiToken: "token" });
  const requests = [
    ["GET", "/"],
    ["HEAD", "/page/main.js"],
    ["GET", "/api"],
    ["GET", "/api/made-up"],
    ["GET", "/made-up"],
    ["GET", "/page/made-up.js"],
    ["BREW", "/email"],
    ["GET", "/api/traces/made-up"],
  ] as const;
  for (const [method, path] of requests) await app.request(path, { method });
  await app.post(DOCUMENT, { authorization: "Bearer made-up" });
  const headers = { authorization: "Bearer token" };
  const text = await (await app.request("/metrics", { headers })).text();
  const counts = text.matchAll(
    /^http_server_request_duration_count\{(?<labels>.*)\} (?<count>.*)$/gm,
  )
    .map(({ groups: { labels = "", count = "" } = {} }) => {
      const of = (label: string) =>
        new RegExp(`${label}="(?<value>[^"]*)"`).exec(labels)?.groups?.value;
      return [of("method"), of("http_route"), of("status_code"), count].join(" ");
    });
  deepEqual([...counts], [
    "GET / 200 1",
    "HEAD /page/main.js 200 1",
    "GET /api 200 1",
    "GET  401 1",
    "GET  404 2",
    "_OTHER /email 401 1",
    "GET /api/traces/:id 401 1",
    "POST /email 401 1",
  ]);
});
