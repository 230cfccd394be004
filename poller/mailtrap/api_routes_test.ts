import { equal } from "node:assert/strict";
import { messagesUrl } from "./api_routes.ts";

const ADDRESS = { url: new URL("https://mailtrap.io"), boxId: "12", accountId: "34" } as const;

for (
  const [style, path] of [
    ["sandboxes", "/api/sandboxes/12/messages"],
    ["accounts", "/api/accounts/34/inboxes/12/messages"],
    ["v1", "/api/v1/inboxes/12/messages"],
  ] as const
) {
  Deno.test(`messagesUrl() is ${path} in the style ${style}`, () => {
    equal(messagesUrl({ ...ADDRESS, style }), `https://mailtrap.io${path}`);
  });

  Deno.test(`messagesUrl() keeps the path of the base address in the style ${style}`, () => {
    const url = new URL("http://127.0.0.1:8025/proxy/");
    equal(messagesUrl({ ...ADDRESS, url, style }), `http://127.0.0.1:8025/proxy${path}`);
  });
}
