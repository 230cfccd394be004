import { deepEqual } from "node:assert/strict";
import { toDocument } from "./arguments.ts";

Deno.test("toDocument() takes what was given, empty text included", () => {
  const given = { from: "a", fromName: "A", to: "b", toName: "B", subject: "", body: "x" };
  deepEqual(toDocument(given), {
    sender: { address: "a", display: "A" },
    recipient: { address: "b", display: "B" },
    subject: "",
    body: "x",
  });
});
