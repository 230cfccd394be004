import { deepEqual } from "node:assert/strict";
import { parseEmailDocument } from "@playground/shared/email";
import { DEFAULT_EMAIL, toDocument } from "./arguments.ts";

Deno.test("toDocument() makes a valid email of nothing", () => {
  const document = toDocument({});
  deepEqual(parseEmailDocument(document), { ok: true, document });
  deepEqual(document, {
    sender: { address: DEFAULT_EMAIL.from },
    recipient: { address: DEFAULT_EMAIL.to },
    subject: DEFAULT_EMAIL.subject,
    body: DEFAULT_EMAIL.body,
  });
});

Deno.test("toDocument() takes what was given, empty text included", () => {
  const given = { from: "a", fromName: "A", to: "b", toName: "B", subject: "", body: "x" };
  deepEqual(toDocument(given), {
    sender: { address: "a", display: "A" },
    recipient: { address: "b", display: "B" },
    subject: "",
    body: "x",
  });
});
