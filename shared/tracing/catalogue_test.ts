import { deepEqual, equal, ok } from "node:assert/strict";
import { integrationTest } from "@playground/shared/testing";
import { BAGGAGE_TAGS, EMAIL_TRACE, ERROR_TAGS, POLL_TRACE, TAGS } from "./catalogue.ts";
import { spansDocument } from "./spans_document.ts";

const SPANS = [...EMAIL_TRACE, ...POLL_TRACE];

Deno.test("the catalogue explains each tag that a span has, and no other", () => {
  const used = new Set([
    ...SPANS.flatMap(({ tags, optionalTags = [] }) => [...tags, ...optionalTags]),
    ...ERROR_TAGS,
    ...BAGGAGE_TAGS,
  ]);
  deepEqual(Object.keys(TAGS).toSorted(), [...used].toSorted());
});

Deno.test("the catalogue names only parents that it has", () => {
  const names = new Set(SPANS.map(({ name }) => name));
  for (const { parent } of SPANS) ok(parent === undefined || names.has(parent));
});

integrationTest("spans.md says what the catalogue says", async () => {
  const document = await Deno.readTextFile(new URL("spans.md", import.meta.url));
  equal(
    document,
    spansDocument(),
    "regenerate it: deno run --allow-write=shared/tracing/spans.md shared/tracing/spans_document.ts",
  );
});
