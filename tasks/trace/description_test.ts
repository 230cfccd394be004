import { deepEqual, match } from "node:assert/strict";
import { readDescription } from "./description.ts";

Deno.test("readDescription() reads names, patterns, and what must be absent", () => {
  const spans = [
    "a",
    { name: "b", kind: null, tags: { code: { matches: "^4" } }, children: ["c"] },
  ];
  const child = { name: "c" };
  const read = [{ name: "a" }, { name: "b", kind: null, tags: { code: /^4/ }, children: [child] }];
  deepEqual(readDescription(JSON.stringify(spans)), { ok: true, description: { spans: read } });
  deepEqual(readDescription(JSON.stringify({ spans, absent: ["d"], isWhole: true })), {
    ok: true,
    description: { spans: read, absent: [{ name: "d" }], isWhole: true },
  });
});

const VALUE = /: write a text, \{ "matches": "a regular expression" \}, or null for none$/;
for (
  const [text, expected] of [
    ["{", /^it is not JSON: /],
    ["{}", /^spans: /],
    ['[{"nmae":"a"}]', /^spans\[0\]: Unrecognized key: "nmae"$/m],
    [
      '[{"name":"a","children":[{"name":"b","minCount":-1}]}]',
      /^spans\[0\]\.children\[0\]\.minCount: /,
    ],
    ['[{"name":"a","error":451}]', VALUE],
    ['[{"name":"a","error":{"matches":"("}}]', VALUE],
  ] as const
) {
  Deno.test(`readDescription() says what is wrong with ${text}`, () => {
    const read = readDescription(text);
    match(read.ok ? "nothing" : read.problems.join("\n"), expected);
  });
}
