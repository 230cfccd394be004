import { deepEqual, ok } from "node:assert/strict";
import { errorsToSay } from "./errors.ts";
import { toTree } from "./row_tree.ts";
import { toSpanRows } from "./span_row.ts";

/** The error texts of the rows of spans given as [id, parent id, error]. */
function said(...spans: readonly (readonly [string, string?, string?])[]) {
  const tree = toTree(toSpanRows(spans.map(([id, parentId, error], index) => ({
    traceId: "a",
    id,
    timestamp: index + 1,
    parentId,
    ...(error === undefined ? {} : { tags: { error } }),
  }))));
  return errorsToSay(tree);
}

Deno.test("errorsToSay() shows an error in full where it arose, and in short where it came again", () => {
  deepEqual(
    said(
      ["first attempt", undefined, "451 try later"],
      ["send", "first attempt", "451 try later"],
      ["retry", "first attempt"],
      ["second attempt", "retry", "given up: 451 try later"],
      ["send again", "second attempt", "451 try later"],
    ),
    [undefined, "451 try later", undefined, undefined, "451 again"],
  );
});

Deno.test("errorsToSay() shows each of several errors, a parent's own too", () => {
  deepEqual(
    said(["get", undefined, "HTTP 500"], ["query", "get", "timeout"], ["retry", "get", "timeout"]),
    ["HTTP 500", "timeout", "the same again"],
  );
});

Deno.test("errorsToSay() looks at each row of a chain in which nothing fails only a few times", () => {
  const spans = Array.from({ length: 100 }, (_, index) => ({
    traceId: "a",
    id: `${index}`,
    parentId: `${index - 1}`,
  }));
  let lookCount = 0;
  const tree = toTree(toSpanRows(spans)).map((place) => ({
    ...place,
    row: Object.defineProperty({ ...place.row }, "error", { get: () => void lookCount++ }),
  }));
  errorsToSay(tree);
  ok(lookCount <= 3 * tree.length, `${lookCount}`);
});
