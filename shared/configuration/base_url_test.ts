import { equal } from "node:assert/strict";
import { underBase, zipkinBase } from "./base_url.ts";

for (
  const [base, address] of [
    ["http://127.0.0.1:9411", "http://127.0.0.1:9411/api/v2/spans"],
    ["https://example.com/backend", "https://example.com/backend/api/v2/spans"],
    ["https://user:password@example.com/backend", "https://example.com/backend/api/v2/spans"],
    ["https://example.com/backend/", "https://example.com/backend/api/v2/spans"],
  ] as const
) {
  Deno.test(`underBase() keeps the path of ${base}`, () => {
    equal(underBase(new URL(base), "api/v2/spans").href, address);
  });
}

for (
  const [address, base] of [
    ["http://127.0.0.1:9411/api/v2/spans", "http://127.0.0.1:9411"],
    ["http://127.0.0.1:9411/api/v1/spans/", "http://127.0.0.1:9411"],
    ["http://127.0.0.1:9411/api/v2", "http://127.0.0.1:9411"],
    ["https://example.com/backend/api/v1/", "https://example.com/backend"],
    ["https://example.com/backend/", "https://example.com/backend/"],
    ["https://example.com/api/v2/traces", "https://example.com/api/v2/traces"],
  ] as const
) {
  Deno.test(`zipkinBase() finds the base of ${address}`, () => equal(zipkinBase(address), base));
}
