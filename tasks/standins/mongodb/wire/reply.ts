import { Long } from "bson";
import { type BsonDocument, encode } from "../bson/values.ts";
import { HEADER_BYTES } from "./framing.ts";
import { OP_CODE, type Request } from "./request.ts";

/** One batch of a cursor's documents. They are stored BSON that goes out as it is. */
export interface CursorBatch {
  /** `firstBatch` for the command that opened the cursor, `nextBatch` for `getMore`. */
  readonly field: "firstBatch" | "nextBatch";
  /** 0 when the cursor has no more. */
  readonly cursorId: bigint;
  /** What the cursor reads, as `database.collection`. */
  readonly namespace: string;
  /** Encoded documents. */
  readonly documents: readonly Uint8Array[];
}

const DOCUMENT_TYPE = 0x03;
const ARRAY_TYPE = 0x04;
const AWAIT_CAPABLE = 8;

/** Encodes the reply that carries a batch: `{cursor: {…, firstBatch: […]}, ok: 1}`. */
export function encodeBatch(batch: CursorBatch): Uint8Array {
  const { field, cursorId, namespace, documents } = batch;
  const array = join([
    lengthOf(documents.reduce((sum, { length }, index) => sum + elementBytes(index, length), 5)),
    ...documents.flatMap((
      document,
      index,
    ) => [elementHead(DOCUMENT_TYPE, String(index)), document]),
    new Uint8Array(1),
  ]);
  const cursor = encode({ id: Long.fromBigInt(cursorId), ns: namespace });
  return append(
    encode({ ok: 1 }),
    DOCUMENT_TYPE,
    "cursor",
    append(cursor, ARRAY_TYPE, field, array),
  );
}

function elementBytes(index: number, valueBytes: number): number {
  return 2 + String(index).length + valueBytes;
}

/** A document with one more field, whose value is encoded already. */
function append(document: Uint8Array, type: number, name: string, value: Uint8Array): Uint8Array {
  const head = elementHead(type, name);
  const fields = document.subarray(4, -1);
  const length = document.length + head.length + value.length;
  return join([lengthOf(length), fields, head, value, new Uint8Array(1)]);
}

function elementHead(type: number, name: string): Uint8Array {
  return Uint8Array.of(type, ...new TextEncoder().encode(name), 0);
}

function lengthOf(length: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setInt32(0, length, true);
  return bytes;
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

/** Encodes the message that answers a request, in the form in which the request came. */
export function encodeMessage(request: Request, responseId: number, reply: Uint8Array): Uint8Array {
  const prefixBytes = request.operation === "message" ? 5 : 20;
  const message = new Uint8Array(HEADER_BYTES + prefixBytes + reply.length);
  const view = new DataView(message.buffer);
  view.setInt32(0, message.length, true);
  view.setInt32(4, responseId, true);
  view.setInt32(8, request.requestId, true);
  if (request.operation === "message") {
    // No flags, and one section of kind 0: both are zeros already.
    view.setInt32(12, OP_CODE.message, true);
  } else {
    view.setInt32(12, OP_CODE.reply, true);
    view.setInt32(HEADER_BYTES, AWAIT_CAPABLE, true);
    // Cursor id and first document's number are zero; then the number of documents.
    view.setInt32(HEADER_BYTES + 16, 1, true);
  }
  message.set(reply, HEADER_BYTES + prefixBytes);
  return message;
}

/** Encodes the reply of a command that has no cursor. */
export function encodeDocument(document: BsonDocument): Uint8Array {
  return encode({ ...document, ok: 1 });
}
