import { equal } from "node:assert/strict";
import { isOfOtherSite } from "./other_site.ts";

for (
  const [headers, isOther] of [
    [{}, false],
    [{ "sec-fetch-site": "same-origin", origin: "http://127.0.0.1:9411" }, false],
    [{ "sec-fetch-site": "none" }, false],
    [{ "sec-fetch-site": "same-site", origin: "http://127.0.0.1:8080" }, true],
    [{ "sec-fetch-site": "cross-site", origin: "https://evil.example" }, true],
    [{ origin: "http://127.0.0.1:9411" }, false],
    [{ origin: "http://127.0.0.1:8080" }, true],
    [{ origin: "https://evil.example" }, true],
    [{ origin: "null" }, true],
  ] as const
) {
  Deno.test(`isOfOtherSite() is ${isOther} with ${JSON.stringify(headers)}`, () => {
    const request = new Request("http://127.0.0.1:9411/api/v2/spans", { headers });
    equal(isOfOtherSite(request), isOther);
  });
}
