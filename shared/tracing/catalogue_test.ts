import { deepEqual, ok } from "node:assert/strict";
import { BAGGAGE_TAGS, EMAIL_TRACE, ERROR_TAGS, POLL_TRACE, TAGS } from "./catalogue.ts";

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
