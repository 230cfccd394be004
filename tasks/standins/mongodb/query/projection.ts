import { toNumber } from "../bson/numbers.ts";
import { asDocument, type BsonDocument, isOperatorDocument } from "../bson/values.ts";
import { CommandError, unsupported } from "../errors.ts";
import { readPath, writePath } from "../update/path.ts";
import { evaluate } from "./expressions.ts";
import { addField, exclude, type FieldTree, fieldTree, include } from "./field_tree.ts";
import { compileElement } from "./filter.ts";
import { isTruthy } from "./predicates.ts";

/** Makes the document that the client gets of the one that is stored. */
export type Projection = (document: BsonDocument) => BsonDocument;

/** A field whose value the projection makes. */
interface Computed {
  readonly path: readonly string[];
  readonly kind: "slice" | "elementMatch" | "expression";
  /** From the stored document; `undefined` leaves the field out. */
  readonly compute: (document: BsonDocument) => unknown;
}

/**
 * Compiles a projection (MongoDB manual, "Project Fields to Return from Query").
 *
 * @throws {CommandError} 31253 or 31254 when fields are both included and excluded.
 */
export function compileProjection(specification: BsonDocument): Projection | undefined {
  const fields = flatten(specification, "");
  if (fields.length === 0) return undefined;
  if (fields.some(([field]) => field.split(".").includes("$"))) {
    throw unsupported("the positional projection operator $");
  }
  const flags = fields.filter(([, value]) => isFlag(value));
  const computed = fields.filter(([, value]) => !isFlag(value))
    .map(([field, value]) => compileComputed(field, value));
  const isInclusion = decidesInclusion(flags, computed);
  checkFlags(flags, isInclusion);
  const tree = fieldTree(
    flags.filter(([, value]) => isTruthy(value) === isInclusion).map(([field]) => field),
  );
  if (isInclusion) {
    if (!flags.some(([field]) => field === "_id")) addField(tree, ["_id"]);
    // What is cut out of an array stays where the array was.
    for (const { kind, path } of computed) if (kind === "slice") addField(tree, path);
  }
  const pick: (document: BsonDocument, tree: FieldTree) => BsonDocument = isInclusion
    ? include
    : exclude;
  return (document) => {
    const result = pick(document, tree);
    for (const { path, compute } of computed) {
      const value = compute(document);
      if (value !== undefined) writePath(result, path, value);
    }
    return result;
  };
}

/** `{a: {b: 1}}` means `{"a.b": 1}`. */
function flatten(
  specification: BsonDocument,
  prefix: string,
): readonly (readonly [string, unknown])[] {
  return Object.entries(specification).flatMap(([field, value]) => {
    const nested = isOperatorDocument(value) ? undefined : asDocument(value);
    return nested === undefined
      ? [[`${prefix}${field}`, value] as const]
      : flatten(nested, `${prefix}${field}.`);
  });
}

function isFlag(value: unknown): boolean {
  return typeof value === "boolean" || toNumber(value) !== undefined;
}

type Flags = readonly (readonly [string, unknown])[];

function decidesInclusion(flags: Flags, computed: readonly Computed[]): boolean {
  const decisive = flags.find(([field]) => field !== "_id");
  if (decisive !== undefined) return isTruthy(decisive[1]);
  if (computed.length > 0) return computed.some(({ kind }) => kind !== "slice");
  return isTruthy(flags[0]?.[1]);
}

function checkFlags(flags: Flags, isInclusion: boolean): void {
  const contradiction = flags.find(([field, value]) =>
    field !== "_id" && isTruthy(value) !== isInclusion
  )?.[0];
  if (contradiction === undefined) return;
  throw isInclusion
    ? new CommandError(
      31254,
      `Cannot do exclusion on field ${contradiction} in inclusion projection`,
    )
    : new CommandError(
      31253,
      `Cannot do inclusion on field ${contradiction} in exclusion projection`,
    );
}

function compileComputed(field: string, value: unknown): Computed {
  const path = field.split(".");
  const operators = isOperatorDocument(value) ? value : {};
  if (Object.hasOwn(operators, "$slice")) {
    const bounds = sliceBounds(operators.$slice);
    return {
      path,
      kind: "slice",
      compute: (document) => {
        const array = readPath(document, path);
        return Array.isArray(array) ? array.slice(...bounds(array.length)) : undefined;
      },
    };
  }
  if (Object.hasOwn(operators, "$elemMatch")) {
    const matches = compileElement(asDocument(operators.$elemMatch) ?? {});
    return {
      path,
      kind: "elementMatch",
      compute: (document) => {
        const array = readPath(document, path);
        const index = Array.isArray(array) ? array.findIndex(matches) : -1;
        return Array.isArray(array) && index !== -1 ? [array[index]] : undefined;
      },
    };
  }
  return { path, kind: "expression", compute: (document) => evaluate(document, value) };
}

/** `$slice: n`, counted from the end when negative, or `$slice: [skip, n]`. */
function sliceBounds(argument: unknown): (length: number) => readonly [number, number] {
  const [first, second] = (Array.isArray(argument) ? argument : [argument]).map(toNumber);
  if (first === undefined || (Array.isArray(argument) && (second ?? 0) <= 0)) {
    throw new CommandError(2, "$slice needs a number, or a number to skip and a positive one");
  }
  return (length) => {
    const skip = second === undefined ? Math.min(first, 0) : first;
    const count = second ?? Math.abs(first);
    const start = skip >= 0 ? skip : Math.max(0, length + skip);
    return [start, start + count];
  };
}
