import { asDocument, type BsonDocument, setField } from "../bson/values.ts";

/** Named fields, each with the fields named below it, or `undefined` when the whole field is meant. */
export type FieldTree = Map<string, FieldTree | undefined>;

/** Makes a tree of dotted paths. */
export function fieldTree(paths: readonly string[]): FieldTree {
  const tree: FieldTree = new Map();
  for (const path of paths) addField(tree, path.split("."));
  return tree;
}

/** Adds one path to a tree. */
export function addField(tree: FieldTree, path: readonly string[]): void {
  let node = tree;
  for (const parent of path.slice(0, -1)) {
    const child: FieldTree = node.get(parent) ?? new Map();
    node.set(parent, child);
    node = child;
  }
  node.set(path.at(-1) ?? "", undefined);
}

/** A document of the named fields only, in the document's order; arrays are entered. */
export function include(document: BsonDocument, tree: FieldTree): BsonDocument {
  const result: BsonDocument = {};
  for (const [field, value] of Object.entries(document)) {
    if (!tree.has(field)) continue;
    const below = tree.get(field);
    const kept = below === undefined ? value : includeBelow(value, below);
    if (kept !== undefined) setField(result, field, kept);
  }
  return result;
}

function includeBelow(value: unknown, tree: FieldTree): unknown {
  if (Array.isArray(value)) {
    return value.map((element) => includeBelow(element, tree))
      .filter((element) => element !== undefined);
  }
  const document = asDocument(value);
  return document === undefined ? undefined : include(document, tree);
}

/** A document without the named fields; arrays are entered. */
export function exclude(document: BsonDocument, tree: FieldTree): BsonDocument {
  const result: BsonDocument = {};
  for (const [field, value] of Object.entries(document)) {
    const below = tree.get(field);
    if (below !== undefined) setField(result, field, excludeBelow(value, below));
    else if (!tree.has(field)) setField(result, field, value);
  }
  return result;
}

function excludeBelow(value: unknown, tree: FieldTree): unknown {
  if (Array.isArray(value)) return value.map((element) => excludeBelow(element, tree));
  const document = asDocument(value);
  return document === undefined ? value : exclude(document, tree);
}
