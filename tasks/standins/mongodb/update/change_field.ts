import { arrayIndex } from "../bson/path.ts";
import { arrayOf, elementsOf, fieldsOf, NULL, objectOf, TYPE, Value } from "../bson/value.ts";
import { CommandError } from "../errors.ts";

/** MongoDB's limit on the nulls that a write beyond an array's end adds. */
const MAX_ARRAY_PADDING = 1_500_000;

/** Makes the new value of a field of its current one; `undefined` is a field that is not there. */
export type Change = (current: Value | undefined) => Value | undefined;

/** Changes one field of a document, with the documents on the way to it that are missing. */
export function changeField(
  document: Map<string, Value>,
  path: readonly string[],
  change: Change,
): void {
  const [name = "", ...rest] = path;
  const after = changeBelow(document.get(name), name, rest, change);
  if (after === undefined) document.delete(name);
  else document.set(name, after);
}

function changeBelow(
  current: Value | undefined,
  name: string,
  path: readonly string[],
  change: Change,
): Value | undefined {
  const [next] = path;
  if (next === undefined) return change(current);
  if (current?.type === TYPE.object) {
    const fields = fieldsOf(current.bytes);
    changeField(fields, path, change);
    return objectOf(fields);
  }
  const index = arrayIndex(next);
  if (current?.type === TYPE.array && index !== undefined) {
    return changeElement(elementsOf(current.bytes), index, path, change);
  }
  // Where nothing is, a removal has nothing to do.
  if (change(undefined) === undefined) return current;
  if (current === undefined) {
    const fields = new Map<string, Value>();
    changeField(fields, path, change);
    return objectOf(fields);
  }
  throw new CommandError(
    28,
    `Cannot create field '${next}' in element {${name}}: it is neither a document nor, for a position, an array`,
  );
}

function changeElement(
  elements: Value[],
  index: number,
  path: readonly string[],
  change: Change,
): Value {
  const [name = "", ...rest] = path;
  const after = changeBelow(elements[index], name, rest, change);
  // What is removed from an array leaves a null, as in MongoDB.
  if (after === undefined && index >= elements.length) return arrayOf(elements);
  if (index - elements.length > MAX_ARRAY_PADDING) {
    throw new CommandError(2, `can't backfill more than ${MAX_ARRAY_PADDING} elements`);
  }
  while (elements.length < index) elements.push(NULL);
  elements[index] = after ?? NULL;
  return arrayOf(elements);
}
