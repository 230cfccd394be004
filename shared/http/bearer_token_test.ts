import { equal } from "node:assert/strict";
import { hasBearerToken } from "./bearer_token.ts";

const TOKEN = "s3cret-t0ken";

const headers: readonly (readonly [string | undefined, boolean])[] = [
  [`Bearer ${TOKEN}`, true],
  [`bearer ${TOKEN}`, true],
  [`Bearer  ${TOKEN} `, true],
  [undefined, false],
  ["", false],
  ["Bearer", false],
  [TOKEN, false],
  [`Basic ${TOKEN}`, false],
  [`Bearer ${TOKEN}x`, false],
  [`Bearer ${TOKEN.slice(0, -1)}`, false],
  [`Bearer ${TOKEN} ${TOKEN}`, false],
  [`Bearer ${TOKEN.toUpperCase()}`, false],
];
for (const [authorization, expected] of headers) {
  Deno.test(`hasBearerToken() is ${expected} for ${authorization ?? "no header"}`, async () => {
    const given = new Headers(authorization === undefined ? {} : { authorization });
    equal(await hasBearerToken(given, TOKEN), expected);
  });
}
