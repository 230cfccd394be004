import { arrayOf, NULL, objectOf, TYPE, type Value } from "./bson.ts";
import { CommandError, unsupported } from "./errors.ts";
import { equalityText } from "./order.ts";
import { arrayIndex } from "./path.ts";

/** Makes the new value of a field of its current one; `undefined` is a field that is not there. */
export type Change = (current: Value | undefined) => Value | undefined;

/** The operators of updates (MongoDB manual, "Update Operators"): each makes a change of its argument. */
const OPERATORS: ReadonlyMap<string, (argument: Value) => Change> = new Map([
  ["$set", always],
  ["$setOnInsert", always],
  ["$unset", () => () => undefined],
  ["$push", push],
  ["$addToSet", addToSet],
]);

/** Operators that MongoDB has and the stand-in refuses. */
const UNSUPPORTED: ReadonlySet<string> = new Set(
  "$inc $mul $min $max $bit $rename $currentDate $pop $pull $pullAll".split(" "),
);

export function compileOperator(operator: string, argument: Value): Change {
  if (UNSUPPORTED.has(operator)) throw unsupported(`the update operator ${operator}`);
  const compile = OPERATORS.get(operator);
  if (compile !== undefined) return compile(argument);
  throw new CommandError(9, `Unknown modifier: ${operator}. Expected a valid update modifier`);
}

function always(value: Value): Change {
  return () => value;
}

function push(argument: Value): Change {
  const additions = additionsOf("$push", argument);
  return (current) => arrayOf([...arrayAt("$push", current), ...additions]);
}

/** Adds what is not there yet; a document with its fields in another order is another one. */
function addToSet(argument: Value): Change {
  const additions = additionsOf("$addToSet", argument);
  return (current) => {
    const elements = arrayAt("$addToSet", current);
    const present = new Set(elements.map(equalityText));
    const missing = additions.filter((addition) => {
      const text = equalityText(addition);
      return !present.has(text) && present.add(text);
    });
    return arrayOf([...elements, ...missing]);
  };
}

function additionsOf(operator: string, argument: Value): readonly Value[] {
  const modifiers = argument.fields;
  const each = modifiers?.get("$each");
  if (modifiers === undefined || each === undefined) return [argument];
  for (const modifier of modifiers.keys()) {
    if (["$position", "$slice", "$sort"].includes(modifier)) {
      throw unsupported(`the modifier ${modifier} of ${operator}`);
    }
    if (modifier !== "$each") {
      throw new CommandError(2, `Unrecognized clause in ${operator}: ${modifier}`);
    }
  }
  const additions = each.elements;
  if (additions !== undefined) return additions;
  throw new CommandError(14, `The argument to $each in ${operator} must be an array`);
}

function arrayAt(operator: string, current: Value | undefined): readonly Value[] {
  if (current === undefined) return [];
  const elements = current.elements;
  if (elements !== undefined) return elements;
  throw new CommandError(
    2,
    `Cannot apply ${operator} to a field that is no array but of type ${current.typeName}`,
  );
}

/** MongoDB's limit on the nulls that a write beyond an array's end adds. */
const MAX_ARRAY_PADDING = 1_500_000;

/** Changes one field of a document, with the documents on the way to it that are missing. */
export function changeField(
  document: Map<string, Value>,
  [name = "", ...rest]: readonly string[],
  change: Change,
): void {
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
  const index = arrayIndex(next);
  const elements = index === undefined ? undefined : current?.elements;
  if (elements !== undefined && index !== undefined) {
    return changeElement(elements, index, path, change);
  }
  // Where nothing is, a removal has nothing to do.
  if (current?.type !== TYPE.object && change(undefined) === undefined) return current;
  const fields = current === undefined ? new Map<string, Value>() : current.fields;
  if (fields === undefined) {
    throw new CommandError(
      28,
      `Cannot create field '${next}' in element {${name}}: it is neither a document nor, for a position, an array`,
    );
  }
  changeField(fields, path, change);
  return objectOf(fields);
}

function changeElement(
  elements: Value[],
  index: number,
  [name = "", ...rest]: readonly string[],
  change: Change,
): Value {
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
