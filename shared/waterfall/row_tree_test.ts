import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import { toTree } from "./row_tree.ts";
import { toSpanRows } from "./span_row.ts";

/** Draws spans given as [id, parent id], each starting one microsecond after the one before. */
function tree(...spans: readonly (readonly [string, string?])[]): readonly string[] {
  const rows = toSpanRows(spans.map(([id, parentId], index) => ({
    traceId: "a",
    id,
    name: id,
    timestamp: index + 1,
    parentId,
  })));
  return toTree(rows).map(({ branch, row }) => branch + row.name);
}

Deno.test("toTree() puts parents before their children and siblings in order of time", () => {
  deepEqual(tree(["a"], ["c", "a"], ["b", "a"], ["d", "c"]), ["a", "├─ c", "│  └─ d", "└─ b"]);
});

Deno.test("toTree() puts the roots in order of time, those of cycles last", () => {
  deepEqual(
    tree(["y", "z"], ["z", "y"], ["b", "missing"], ["a"], ["c", "also missing"]),
    ["b", "a", "c", "y", "└─ z"],
  );
});

Deno.test("toTree() makes a root of a span whose parent is missing", () => {
  deepEqual(tree(["a"], ["b", "missing"], ["c", "b"]), ["a", "b", "└─ c"]);
});

Deno.test("toTree() shows the spans of a cycle once, the earliest on top", () => {
  deepEqual(tree(["a", "c"], ["b", "a"], ["c", "b"], ["d", "d"]), ["a", "└─ b", "   └─ c", "d"]);
});

Deno.test("toTree() looks for parents in the span's own trace only", () => {
  const rows = toSpanRows([{ traceId: "a", id: "1" }, { traceId: "b", id: "2", parentId: "1" }]);
  deepEqual(toTree(rows).map(({ depth }) => depth), [0, 0]);
});

Deno.test("toTree() shows every row exactly once, whatever the parents are", () => {
  const span = fc.tuple(fc.nat(9), fc.option(fc.nat(12), { nil: undefined }));
  fc.assert(fc.property(fc.array(span), (spans) => {
    const rows = toSpanRows(spans.map(([id, parent]) => ({
      traceId: "a",
      id: String(id),
      parentId: parent?.toString(),
    })));
    deepEqual(new Set(toTree(rows).map(({ row }) => row)), new Set(rows));
    equal(toTree(rows).length, rows.length);
  }));
});

Deno.test("toTree() survives a chain of 20,000 spans", () => {
  const rows = toSpanRows(Array.from({ length: 20_000 }, (_, index) => ({
    traceId: "a",
    id: String(index),
    parentId: String(index - 1),
    timestamp: index + 1,
  })));
  const last = toTree(rows).at(-1);
  equal(last?.depth, 19_999);
  equal((last?.branch.length ?? Infinity) < 100, true);
});
