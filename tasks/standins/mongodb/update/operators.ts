import { equalityText } from "../bson/order.ts";
import { arrayOf, documentOf, listOf, typeName, type Value } from "../bson/value.ts";
import { CommandError, unsupported } from "../errors.ts";
import type { Change } from "./change_field.ts";

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
  const modifiers = documentOf(argument);
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
  const additions = listOf(each);
  if (additions !== undefined) return additions;
  throw new CommandError(14, `The argument to $each in ${operator} must be an array`);
}

function arrayAt(operator: string, current: Value | undefined): readonly Value[] {
  if (current === undefined) return [];
  const elements = listOf(current);
  if (elements !== undefined) return elements;
  throw new CommandError(
    2,
    `Cannot apply ${operator} to a field that is no array but of type ${typeName(current)}`,
  );
}
