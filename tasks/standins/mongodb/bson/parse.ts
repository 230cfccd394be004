import { BSONType, onDemand } from "bson";
import { CommandError } from "../errors.ts";
import { spend } from "../work.ts";

/** The numbers of BSON's types (bsonspec.org) under the names that `$type` has for them. */
export const TYPE = { ...BSONType, minKey: 255 };

/** How many bytes a value has; where its type does not say it, its bytes do. */
const SIZES: ReadonlyMap<number, number | ((length: number) => number)> = new Map<
  number,
  number | ((length: number) => number)
>([
  [TYPE.double, 8],
  [TYPE.string, (length) => 4 + length],
  [TYPE.object, (length) => length],
  [TYPE.array, (length) => length],
  [TYPE.binData, (length) => 5 + length],
  [TYPE.undefined, 0],
  [TYPE.objectId, 12],
  [TYPE.bool, 1],
  [TYPE.date, 8],
  [TYPE.null, 0],
  [TYPE.dbPointer, (length) => 16 + length],
  [TYPE.javascript, (length) => 4 + length],
  [TYPE.symbol, (length) => 4 + length],
  [TYPE.javascriptWithScope, (length) => length],
  [TYPE.int, 4],
  [TYPE.timestamp, 8],
  [TYPE.long, 8],
  [TYPE.decimal, 16],
  [TYPE.minKey, 0],
  [TYPE.maxKey, 0],
]);

const TEXT_TYPES: readonly number[] = [TYPE.string, TYPE.symbol, TYPE.javascript];

/**
 * Visits the elements of a document or an array, and of no document in it. One of a million elements would take seconds with the
 * parsers of `bson`, and cannot be interrupted there.
 *
 * @throws {CommandError} 22 when the bytes are malformed.
 */
export function parse(
  document: Uint8Array,
  visit: (type: number, bytes: Uint8Array, nameStart: number, nameEnd: number) => void,
): void {
  const view = new DataView(document.buffer, document.byteOffset, document.byteLength);
  const last = document.length - 1;
  if (last < 4 || view.getInt32(0, true) !== document.length || document[last] !== 0) {
    throw malformed("its length is wrong");
  }
  for (let offset = 4; offset < last;) {
    spend();
    const type = document[offset] ?? 0;
    const nameEnd = document.indexOf(0, offset + 1);
    const start = nameEnd + 1;
    const size = type === TYPE.regex
      ? document.indexOf(0, document.indexOf(0, start) + 1) + 1 - start
      : SIZES.get(type);
    const length = typeof size === "function" ? lengthAt(view, start, last) : 0;
    const end = start + (typeof size === "function" ? size(length) : size ?? NaN);
    if (!(end >= start && end <= last)) throw malformed(`a value of type ${type} has no end`);
    if (TEXT_TYPES.includes(type) && (length < 1 || document[end - 1] !== 0)) {
      throw malformed("a string has no end");
    }
    visit(type, document.subarray(start, end), offset + 1, nameEnd);
    offset = end;
  }
}

function lengthAt(view: DataView, offset: number, last: number): number {
  const length = offset + 4 <= last ? view.getInt32(offset, true) : -1;
  if (length < 0) throw malformed("a value has no length");
  return length;
}

/** Reads UTF-8. */
export function readText(bytes: Uint8Array, start: number, end: number): string {
  try {
    return onDemand.ByteUtils.toUTF8(bytes, start, end, true);
  } catch {
    throw malformed("a text is not UTF-8");
  }
}

function malformed(reason: string): CommandError {
  return new CommandError(22, `Cannot read a document: ${reason}`);
}
