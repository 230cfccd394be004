import { deepEqual, equal } from "node:assert/strict";
import * as fc from "fast-check";
import { ObjectSplitter } from "./object_splitter.ts";

/** The objects of a document that comes in pieces of this length, each with the number of its list. */
function split(text: string, pieceLength: number) {
  const splitter = new ObjectSplitter();
  const objects: [list: number, value: unknown][] = [];
  for (let from = 0; from < text.length; from += pieceLength) {
    for (const { list, text: object } of splitter.split(text.slice(from, from + pieceLength))) {
      objects.push([list, JSON.parse(object)]);
    }
  }
  return { objects, isComplete: splitter.isComplete };
}

const object = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 }), { maxKeys: 4 });

Deno.test("ObjectSplitter finds the objects of a list of lists, however it is cut", () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(object, { maxLength: 3 }), { maxLength: 3 }),
      fc.integer({ min: 1, max: 50 }),
      fc.constantFrom(undefined, 2),
      (lists, pieceLength, indent) => {
        const { objects, isComplete } = split(JSON.stringify(lists, null, indent), pieceLength);
        const expected = lists.flatMap((list, index) => list.map((value) => [index, value]));
        // As in JSON, which has no -0 and no prototype.
        deepEqual(objects, JSON.parse(JSON.stringify(expected)));
        equal(isComplete, true);
      },
    ),
  );
});

Deno.test("ObjectSplitter finds the objects of a list", () => {
  const text = '[{"a":"}]\\"{"},{"b":[{"c":"\\\\"}]}]';
  deepEqual(split(text, 1).objects, [[0, { a: '}]"{' }], [0, { b: [{ c: "\\" }] }]]);
});
