import { equal } from "node:assert/strict";
import { integrationTest } from "@playground/shared/testing";
import { readDocuments } from "./documents.ts";

integrationTest("spans.md and metrics.md say what the catalogues say", async () => {
  for (const { text, fresh } of await readDocuments()) {
    equal(
      text,
      fresh,
      "regenerate it: deno run --allow-read=shared --allow-write=shared shared/documents.ts",
    );
  }
});
