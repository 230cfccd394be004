import { doesNotMatch, equal } from "node:assert/strict";
import { integrationTest } from "@playground/shared/testing";
import { readDocuments } from "./documents.ts";

integrationTest("the documents say what catalogues and schemas say, in words", async () => {
  for (const { url, text, fresh } of await readDocuments()) {
    equal(text, fresh, "regenerate it: deno run -A tasks/documents.ts");
    if (url.href.endsWith("/reference.md")) doesNotMatch(text, /\| {2}\|$/m, "no description");
  }
});
