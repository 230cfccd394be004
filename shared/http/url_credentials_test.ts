import { deepEqual, equal } from "node:assert/strict";
import { integrationTest, serveLocally } from "@playground/shared/testing";
import { credentialHeaders, fetchWithCredentials, withoutCredentials } from "./url_credentials.ts";

Deno.test("withoutCredentials() keeps all of an address but user and password", () => {
  const url = new URL("https://us%C3%A9r:p%40ss@zipkin.example:9411/backend?a=b");
  equal(withoutCredentials(url).href, "https://zipkin.example:9411/backend?a=b");
  equal(url.password, "p%40ss");
});

const HEADERS: readonly (readonly [url: string, credentials: string | undefined])[] = [
  ["http://zipkin.example", undefined],
  ["http://user:password@zipkin.example", "user:password"],
  ["http://user@zipkin.example", "user:"],
  ["http://:password@zipkin.example", ":password"],
  ["http://us%C3%A9r:p%40s%3As@zipkin.example", "usér:p@s:s"],
];
for (const [url, credentials] of HEADERS) {
  Deno.test(`credentialHeaders() presents ${credentials ?? "nothing"} for ${url}`, () => {
    const { authorization } = credentialHeaders(new URL(url));
    const decoded = authorization?.replace(/^Basic /, "");
    equal(decoded && new TextDecoder().decode(Uint8Array.fromBase64(decoded)), credentials);
  });
}

integrationTest("fetchWithCredentials() presents them in a header, once", async () => {
  const seen: (string | null)[] = [];
  await using server = serveLocally(({ headers }) => {
    seen.push(headers.get("authorization"));
    return new Response();
  });
  const url = new URL(server.url.replace("//", "//user:password@"));
  const fetcher = fetchWithCredentials(url);
  for (const init of [{}, { headers: { authorization: "Bearer t0ken" } }]) {
    await (await fetcher(withoutCredentials(url), init)).body?.cancel();
  }
  deepEqual(seen, [`Basic ${btoa("user:password")}`, "Bearer t0ken"]);
});
