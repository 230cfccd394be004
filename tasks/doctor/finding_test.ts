import { equal } from "node:assert/strict";
import { reasonOf } from "./finding.ts";

Deno.test("reasonOf() is the first line of the innermost cause", () => {
  const refused = new Error(" connection refused (os error 111)\n  at the socket");
  const sending = new Error("error sending request", { cause: refused });
  equal(
    reasonOf(new TypeError("fetch failed", { cause: sending })),
    "connection refused (os error 111)",
  );
  equal(reasonOf("no"), "no");
});
